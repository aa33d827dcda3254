import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/dataset.ts';

/** A batch as tensors, int32 but for the colours, which the caller disposes (or a surrounding `tf.tidy`). */
export function batchTensors(
  { images, labels, colors }: Batch,
  imageShape: readonly [number, number, number],
): { images: tf.Tensor4D; labels: tf.Tensor1D; colors?: tf.Tensor2D } {
  const rows = labels.length;
  return {
    images: tf.tensor4d(images, [rows, ...imageShape], 'int32'),
    labels: tf.tensor1d(labels, 'int32'),
    ...(colors && { colors: tf.tensor2d(colors, [rows, colors.length / rows]) }),
  };
}
