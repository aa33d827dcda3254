import { colorJitter, drawColorJitter, drawPcaNoise, pcaNoise } from '@bag-of-tricks/image-data';
import { seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';
import type { ColorVariation } from './dataset.ts';
import type { InputSettings } from './input-settings.ts';
import { purpose } from './seed.ts';

type Amounts = Pick<InputSettings, 'colorJitter' | 'pcaNoise'>;

/** Factors of brightness, contrast and saturation, and three coefficients of PCA noise. */
const columns = 6;

/** Which images colours are drawn for. */
export interface ColorRows {
  readonly seed: number;
  readonly epoch: number;
  /** Position in the epoch of the first image. */
  readonly firstPosition: number;
  readonly rows: number;
}

/** Draw the colours of a batch, `[rows, 6]`. Those of an image depend only on (seed, epoch, position). */
export function drawColors(
  { seed, epoch, firstPosition, rows }: ColorRows,
  { colorJitter: strength, pcaNoise: deviation }: Amounts,
): Float32Array {
  const colors = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const random = seededRandom(seed, epoch, purpose.color, firstPosition + row);
    const { brightness, contrast, saturation } = drawColorJitter(random, {
      brightness: strength,
      contrast: strength,
      saturation: strength,
    });
    const noise = drawPcaNoise(random, { deviation });
    colors.set([brightness, contrast, saturation, ...noise], row * columns);
  }
  return colors;
}

/** Colour jitter and PCA noise (He et al. 2019, section 2.1) as a part of the training step; null when both are off. */
export function colorVariation({
  colorJitter: strength,
  pcaNoise: deviation,
}: Amounts): ColorVariation | null {
  if (strength === 0 && deviation === 0) return null;
  return {
    columns,
    apply: (images, colors) =>
      tf.tidy(() => {
        const column = (index: number) =>
          tf.reshape(tf.slice(colors, [0, index], [-1, 1]), [-1]) as tf.Tensor1D;
        const [brightness, contrast, saturation] = [column(0), column(1), column(2)];
        const jittered =
          strength === 0 ? images : colorJitter(images, { brightness, contrast, saturation });
        return deviation === 0
          ? jittered
          : pcaNoise(jittered, tf.slice(colors, [0, 3], [-1, 3]) as tf.Tensor2D);
      }),
  };
}
