import * as tf from '@tensorflow/tfjs-core';

/** Statistics of the pixels, per channel, on the scale 0..255. */
export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** `(pixel - mean) / std` per channel: integer images `[batch, height, width, channels]` in, float32 out. */
export function normalizeImages(images: tf.Tensor4D, { mean, std }: PixelStatistics): tf.Tensor4D {
  return tf.tidy(() => {
    const pixels = tf.cast(images, 'float32');
    // One multiplication and one addition over the batch, instead of a subtraction and a division.
    const scale = std.map((s) => 1 / s);
    const offset = mean.map((m, c) => -m / std[c]!);
    return tf.add(tf.mul(pixels, tf.tensor1d(scale)), tf.tensor1d(offset)) as tf.Tensor4D;
  });
}
