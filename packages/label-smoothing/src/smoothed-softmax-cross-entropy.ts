import * as tf from '@tensorflow/tfjs-core';
import { checkTargets } from './check-targets.ts';
import { type SmoothingForm, smoothLabels } from './smooth-labels.ts';
import { checkReduction, type Reduction, softmaxCrossEntropy } from './softmax-cross-entropy.ts';

export interface SmoothedSoftmaxCrossEntropyOptions {
  /** How much probability is taken from the label, 0 <= epsilon < 1. Default 0.1. */
  readonly epsilon?: number;
  /** How it is spread, see `smoothLabels`. Default `uniform`. */
  readonly form?: SmoothingForm;
  /** What becomes of the losses of the batch. Default `mean`. */
  readonly reduction?: Reduction;
}

/**
 * Softmax cross-entropy between smoothed labels and logits (He et al. 2019, section 5.2; Szegedy et al. 2016).
 *
 * `loss = -sum_k q_k * log softmax(z)_k` with `q = smoothLabels(labels)`, and its gradient `softmax(z) - q`
 *
 * The best logits of a one-hot label are no longer infinite: the true class stands `log((K-1)(1-epsilon)/epsilon)` above the
 * others in the `paper` form, 9.104 at K = 1000 and epsilon = 0.1.
 *
 * @param labels Class numbers, int32 `[batch]`; or one-hot, soft or mixed labels `[batch, classes]` whose rows sum to 1.
 * They are constants: no gradient flows into them.
 * @param logits `[batch, classes]`, computed in float32.
 * @returns A scalar for `mean` and `sum`, `[batch]` for `none`. Yours to dispose.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { smoothedSoftmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
 *
 * const labels = tf.tensor1d([2, 0], 'int32');
 * const logits = tf.tensor2d([0, 0, 3, 0, 2, 0, 0, 0], [2, 4]);
 * const loss = smoothedSoftmaxCrossEntropy(labels, logits, { epsilon: 0.1 });
 * ```
 *
 * Equals PyTorch's `CrossEntropyLoss(label_smoothing=epsilon)` in the `uniform` form, which is the default; the paper's own
 * form is `paper`. Labels that are smoothed already (mixup smooths first) go to `softmaxCrossEntropy`.
 *
 * @throws RangeError when epsilon is outside [0, 1), there is no row or fewer than two classes, or the shapes do not fit.
 * @throws TypeError when logits is not `[batch, classes]`, or an option or the kind of labels is unknown.
 */
export function smoothedSoftmaxCrossEntropy(
  labels: tf.Tensor,
  logits: tf.Tensor,
  options: SmoothedSoftmaxCrossEntropyOptions & { readonly reduction: 'none' },
): tf.Tensor1D;
export function smoothedSoftmaxCrossEntropy(
  labels: tf.Tensor,
  logits: tf.Tensor,
  options?: SmoothedSoftmaxCrossEntropyOptions & { readonly reduction?: 'mean' | 'sum' },
): tf.Scalar;
export function smoothedSoftmaxCrossEntropy(
  labels: tf.Tensor,
  logits: tf.Tensor,
  { epsilon = 0.1, form = 'uniform', reduction = 'mean' }: SmoothedSoftmaxCrossEntropyOptions = {},
): tf.Scalar | tf.Tensor1D {
  checkReduction('smoothedSoftmaxCrossEntropy', reduction);
  checkTargets('smoothedSoftmaxCrossEntropy', labels, logits);
  return tf.tidy(() => {
    const targets = smoothLabels(labels, { epsilon, form, numClasses: logits.shape[1] });
    return reduction === 'none'
      ? softmaxCrossEntropy(targets, logits, { reduction })
      : softmaxCrossEntropy(targets, logits, { reduction });
  });
}
