import * as tf from '@tensorflow/tfjs-core';
import { checkTargets } from './check-targets.ts';

/** What becomes of the losses of the batch. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface SoftmaxCrossEntropyOptions {
  /** What becomes of the losses of the batch. Default `mean`. */
  readonly reduction?: Reduction;
}

/** TensorFlow's fused op: {logits, labels} -> [loss [batch], backprop [batch, classes]]. */
const FUSED_KERNEL = 'SoftmaxCrossEntropyWithLogits';

/**
 * Softmax cross-entropy between targets and logits: the loss that He et al. 2019, section 5.2, write down.
 *
 * `loss = -sum_k p_k * log softmax(z)_k`, and its gradient `softmax(z) - p`
 *
 * @param targets One-hot, soft, smoothed or mixed labels `[batch, classes]` whose rows sum to 1; or class numbers, int32 `[batch]`.
 * They are constants: no gradient flows into them. Values are not read: a class number outside 0 .. K-1 gives a loss of 0.
 * @param logits `[batch, classes]`, before any softmax, computed in float32.
 * @returns A scalar for `mean` and `sum`, `[batch]` for `none`. Yours to dispose.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
 *
 * const targets = smoothLabels(tf.tensor1d([2, 0], 'int32'), { numClasses: 4 });
 * const logits = tf.tensor2d([0, 0, 3, 0, 2, 0, 0, 0], [2, 4]);
 * const loss = softmaxCrossEntropy(targets, logits);
 * ```
 *
 * Equals PyTorch's `CrossEntropyLoss()` and timm's `SoftTargetCrossEntropy()`. On a backend that registers TensorFlow's kernel
 * `SoftmaxCrossEntropyWithLogits` that one op does the work.
 *
 * @throws RangeError when the shapes do not fit or there is no row.
 * @throws TypeError when logits is not `[batch, classes]`, or the kind of targets or the reduction is unknown.
 */
export function softmaxCrossEntropy(
  targets: tf.Tensor,
  logits: tf.Tensor,
  options: SoftmaxCrossEntropyOptions & { readonly reduction: 'none' },
): tf.Tensor1D;
export function softmaxCrossEntropy(
  targets: tf.Tensor,
  logits: tf.Tensor,
  options?: SoftmaxCrossEntropyOptions & { readonly reduction?: 'mean' | 'sum' },
): tf.Scalar;
export function softmaxCrossEntropy(
  targets: tf.Tensor,
  logits: tf.Tensor,
  { reduction = 'mean' }: SoftmaxCrossEntropyOptions = {},
): tf.Scalar | tf.Tensor1D {
  checkReduction('softmaxCrossEntropy', reduction);
  checkTargets('softmaxCrossEntropy', targets, logits);
  return tf.tidy(() => {
    const p = targets.rank === 1 ? tf.oneHot(targets, logits.shape[1]) : targets;
    const losses = lossOfRows(tf.cast(p as tf.Tensor2D, 'float32'), tf.cast(logits, 'float32'));
    if (reduction === 'none') return losses;
    return reduction === 'mean' ? tf.mean<tf.Scalar>(losses) : tf.sum<tf.Scalar>(losses);
  });
}

export function checkReduction(caller: string, reduction: Reduction): void {
  if (reduction !== 'mean' && reduction !== 'sum' && reduction !== 'none') {
    throw new TypeError(
      `${caller}: expected reduction to be 'mean', 'sum' or 'none', got ${JSON.stringify(reduction)}. Leave it out for 'mean'.`,
    );
  }
}

/**
 * The loss of each row, with its gradient for the logits. The targets are captured and not an input, so that no gradient
 * flows into them.
 */
function lossOfRows(targets: tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor1D {
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
