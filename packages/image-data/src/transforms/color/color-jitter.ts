import * as tf from '@tensorflow/tfjs-core';
import { requireCoefficients, requireImages } from './check-images.ts';
import { toGray } from './gray.ts';
import { rotateHue } from './rotate-hue.ts';

export type ColorJitterStep = 'brightness' | 'contrast' | 'saturation' | 'hue';

/** For each image one coefficient, float32 `[batch]`; a step without coefficients is left out. */
export interface ColorJitterOptions {
  /** 1 leaves the image as it is, 0 makes it black. */
  readonly brightness?: tf.Tensor1D;
  /** 1 leaves the image as it is, 0 makes it all its mean grey. */
  readonly contrast?: tf.Tensor1D;
  /** 1 leaves the image as it is, 0 makes it grey. */
  readonly saturation?: tf.Tensor1D;
  /** 0 leaves the image as it is, 1 turns its colours by half a circle. */
  readonly hue?: tf.Tensor1D;
  /** Default: brightness, contrast, saturation, hue. */
  readonly order?: readonly ColorJitterStep[];
}

const defaultOrder = ['brightness', 'contrast', 'saturation', 'hue'] as const;

/**
 * Changes brightness, contrast, saturation and hue of each image by its own coefficients (He et al. 2019, section
 * 2.1: each scaled by U[0.6, 1.4]; see `drawColorJitter`).
 *
 * With a coefficient c, the grey g = 0.299 R + 0.587 G + 0.114 B of each pixel and its mean m over the image:
 * brightness x := c x; contrast x := c x + (1 - c) m; saturation x := c x + (1 - c) g; hue turns the colour plane of
 * YIQ by c pi. After each step x is clipped to [0, 255]. Reads no values, so that it can be compiled into a graph.
 *
 * Differs: the paper speaks of hue, saturation and brightness, its code (gluon-cv) scales brightness, contrast and
 * saturation; both can be had. gluon-cv and torchvision shuffle the steps for each image, here their order is one for
 * the batch. torchvision turns the hue in HSV; this is MXNet's linear form.
 *
 * @param images - `[batch, height, width, 3]`, 0 to 255; int32 is cast.
 * @returns float32, 0 to 255, in the shape of the images; yours to dispose.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * import { colorJitter } from '@bag-of-tricks/image-data';
 *
 * const images = tf.fill<tf.Rank.R4>([2, 8, 8, 3], 100);
 * const brighter = colorJitter(images, { brightness: tf.tensor1d([1.2, 0.8]) });
 *
 * @throws RangeError - if a shape does not fit.
 */
export function colorJitter(
  images: tf.Tensor4D,
  { order = defaultOrder, ...coefficients }: ColorJitterOptions,
): tf.Tensor4D {
  requireImages('colorJitter', images);
  for (const [name, values] of Object.entries(coefficients)) {
    requireCoefficients('colorJitter', name, values, [images.shape[0]]);
  }
  return tf.tidy(() => {
    let jittered = tf.cast(images, 'float32');
    for (const step of order) {
      const values = coefficients[step];
      if (values === undefined) continue;
      jittered = tf.clipByValue(steps[step](jittered, values), 0, 255);
    }
    return jittered;
  });
}

type Step = (images: tf.Tensor4D, values: tf.Tensor1D) => tf.Tensor4D;

const steps: Readonly<Record<ColorJitterStep, Step>> = {
  brightness: (images, values) => tf.mul(images, perImage(values)),
  contrast: (images, values) => blend(images, tf.mean(toGray(images), [1, 2], true), values),
  saturation: (images, values) => blend(images, toGray(images), values),
  hue: rotateHue,
};

/** c x + (1 - c) other. */
function blend(images: tf.Tensor4D, other: tf.Tensor, values: tf.Tensor1D): tf.Tensor4D {
  const c = perImage(values);
  return tf.add(tf.mul(images, c), tf.mul(other, tf.sub(1, c)));
}

function perImage(values: tf.Tensor1D): tf.Tensor4D {
  return tf.reshape(values, [-1, 1, 1, 1]);
}
