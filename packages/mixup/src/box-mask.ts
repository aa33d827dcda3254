import * as tf from '@tensorflow/tfjs-core';
import type { Box } from './box.ts';

/** Refuses boxes that do not lie in the image, and tensors that are not [top, left, bottom, right]. */
export function checkBox(box: Box | tf.Tensor1D, height: number, width: number): void {
  if (box instanceof tf.Tensor) {
    if (box.dtype === 'int32' && box.rank === 1 && box.size === 4) return;
    throw new TypeError(
      `cutmix: expected a box tensor of dtype int32 and shape [4], got ${box.dtype} [${box.shape}]. It holds top, left, bottom, right.`,
    );
  }
  const { top, left, bottom, right } = box;
  const isInside = (start: number, end: number, size: number) =>
    Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= size;
  if (!isInside(top, bottom, height) || !isInside(left, right, width)) {
    throw new RangeError(
      `cutmix: expected a box of whole pixels inside the image of ${height} x ${width}, got ${JSON.stringify(box)}. Draw one with sampleBox.`,
    );
  }
}

/** True inside the box: bool `[1, height, width, 1]`. A tensor that reaches over the edge is clipped by the image. */
export function boxMask(box: Box | tf.Tensor1D, height: number, width: number): tf.Tensor4D {
  const edges =
    box instanceof tf.Tensor
      ? box
      : tf.tensor1d([box.top, box.left, box.bottom, box.right], 'int32');
  const [top, left, bottom, right] = tf.unstack(edges) as [
    tf.Scalar,
    tf.Scalar,
    tf.Scalar,
    tf.Scalar,
  ];
  const rows = tf.reshape(between(top, bottom, height), [1, height, 1, 1]);
  const columns = tf.reshape(between(left, right, width), [1, 1, width, 1]);
  return tf.logicalAnd(rows, columns);
}

function between(start: tf.Scalar, end: tf.Scalar, size: number): tf.Tensor {
  const index = tf.range(0, size, 1, 'int32');
  return tf.logicalAnd(tf.greaterEqual(index, start), tf.less(index, end));
}
