import * as tf from '@tensorflow/tfjs-core';

/** TensorFlow's fused op: {logits, labels} -> [loss [batch], backprop [batch, classes]]. */
const FUSED_KERNEL = 'SoftmaxCrossEntropyWithLogits';

/**
 * `-sum(targets * log softmax(logits))` of each row, with gradient `softmax(logits) - targets` for the logits.
 *
 * The targets are constants: they are captured and not an input, so that no gradient flows into them.
 */
export function softmaxCrossEntropyRows(targets: tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor1D {
  const hasFusedKernel = tf.getKernel(FUSED_KERNEL, tf.getBackend()) != null;
  const rows = hasFusedKernel ? fusedRows : composedRows;
  return tf.customGrad((x, save) => rows(targets, x as tf.Tensor2D, save as tf.GradSaveFunc))(
    logits,
  ) as tf.Tensor1D;
}

interface RowsWithGradient {
  value: tf.Tensor1D;
  gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor;
}

/** The backend computes loss and gradient in one pass over the logits. */
function fusedRows(
  targets: tf.Tensor2D,
  logits: tf.Tensor2D,
  save: tf.GradSaveFunc,
): RowsWithGradient {
  const [loss, backprop] = tf
    .engine()
    .runKernel(FUSED_KERNEL, { logits, labels: targets }) as tf.Tensor[];
  save([backprop!]);
  return {
    value: loss as tf.Tensor1D,
    gradFunc: (dy, [savedBackprop]) => tf.mul(tf.expandDims(dy, 1), savedBackprop!),
  };
}

/** logSoftmax subtracts the row's maximum first, so that large logits neither overflow nor lose the small ones. */
function composedRows(
  targets: tf.Tensor2D,
  logits: tf.Tensor2D,
  save: tf.GradSaveFunc,
): RowsWithGradient {
  const logProbabilities = tf.logSoftmax(logits);
  save([logProbabilities, targets]);
  return {
    value: tf.neg(tf.sum(tf.mul(targets, logProbabilities), 1)),
    gradFunc: (dy, [savedLogProbabilities, savedTargets]) =>
      tf.mul(tf.expandDims(dy, 1), tf.sub(tf.exp(savedLogProbabilities!), savedTargets!)),
  };
}
