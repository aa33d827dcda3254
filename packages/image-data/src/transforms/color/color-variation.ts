import * as tf from '@tensorflow/tfjs-core';
import { colorJitter } from './color-jitter.ts';
import { drawColorJitter, drawPcaNoise } from './draw-color.ts';
import { pcaNoise } from './pca-noise.ts';

export interface ColorVariationOptions {
  /** By how much brightness, contrast and saturation may differ from 1. Default: 0.4. */
  readonly jitter?: number;
  /** Standard deviation of the PCA noise. Default: 0.1. */
  readonly noise?: number;
}

/** The part of the augmentation that runs on the device, within the training step. */
export interface ColorTransform {
  /** Numbers an image. */
  readonly columns: number;
  /**
   * `images` `[rows, height, width, 3]` on the scale 0 to 255, `colors` float32 `[rows, columns]`. Returns float32 images on the
   * same scale, yours to dispose.
   */
  apply(images: tf.Tensor4D, colors: tf.Tensor2D): tf.Tensor4D;
}

/** Colours of a batch, drawn in the loader and applied on the device. */
export interface ColorVariation extends ColorTransform {
  /** Factors of brightness, contrast and saturation, and three coefficients of PCA noise. */
  readonly columns: 6;
  /** Draws an image's numbers, with uniform numbers in [0, 1). */
  draw(random: () => number): number[];
}

/**
 * The paper's colour jitter and PCA noise (He et al. 2019, section 2.1) as one: `trainBatches(source, { colors })` draws the
 * numbers of each image, and `apply` uses them in the training step. An amount of 0 leaves its part out of the step.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * import { colorVariation } from '@bag-of-tricks/image-data';
 *
 * const colors = colorVariation({ jitter: 0.4, noise: 0.1 });
 * const images = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 100);
 * const varied = colors.apply(images, tf.tensor2d([colors.draw(Math.random)]));
 *
 * @throws RangeError - from `draw`, if an amount is not a number of [0, 1].
 */
export function colorVariation({
  jitter = 0.4,
  noise = 0.1,
}: ColorVariationOptions = {}): ColorVariation {
  const strength = { brightness: jitter, contrast: jitter, saturation: jitter };
  return {
    columns: 6,
    draw(random) {
      const { brightness, contrast, saturation } = drawColorJitter(random, strength);
      return [brightness, contrast, saturation, ...drawPcaNoise(random, { deviation: noise })];
    },
    apply: (images, colors) =>
      tf.tidy(() => {
        const column = (index: number) =>
          tf.reshape(tf.slice(colors, [0, index], [-1, 1]), [-1]) as tf.Tensor1D;
        const [brightness, contrast, saturation] = [column(0), column(1), column(2)];
        const jittered =
          jitter === 0
            ? tf.cast(images, 'float32')
            : colorJitter(images, { brightness, contrast, saturation });
        return noise === 0 ? jittered : pcaNoise(jittered, tf.slice(colors, [0, 3], [-1, 3]));
      }),
  };
}
