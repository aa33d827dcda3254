import type * as tf from '@tensorflow/tfjs-core';

/** Refuses logits that are not `[batch, classes]`, and labels that are neither int32 `[batch]` nor of the logits' shape. */
export function checkTargets(
  caller: string,
  labels: tf.Tensor,
  logits: tf.Tensor,
): asserts logits is tf.Tensor2D {
  if (logits.rank !== 2) {
    throw new TypeError(
      `${caller}: expected logits of shape [batch, classes], got [${logits.shape}]. Reshape them to one row a label.`,
    );
  }
  if (logits.size === 0) {
    throw new RangeError(
      `${caller}: expected at least one row and one class, got logits [${logits.shape}]. Leave out empty batches: their mean is not a number.`,
    );
  }
  if (labels.rank === 1 && labels.dtype !== 'int32') {
    throw new TypeError(
      `${caller}: expected labels to be int32 [batch] or [batch, classes], got ${labels.dtype} [${labels.shape}]. Cast class numbers to int32, or pass one row a label.`,
    );
  }
  const fits = labels.rank === 1 || (labels.rank === 2 && labels.shape[1] === logits.shape[1]);
  if (!fits || labels.shape[0] !== logits.shape[0]) {
    throw new RangeError(
      `${caller}: expected labels for logits [${logits.shape}], got labels [${labels.shape}]. Labels come before logits, one row each.`,
    );
  }
}
