import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/dataset.ts';

/** A batch as int32 tensors, which the caller disposes (or a surrounding `tf.tidy`). */
export function batchTensors(
  { images, labels }: Batch,
  imageShape: readonly [number, number, number],
): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  return {
    images: tf.tensor4d(images, [labels.length, ...imageShape], 'int32'),
    labels: tf.tensor1d(labels, 'int32'),
  };
}
