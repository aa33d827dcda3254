import * as tf from '@tensorflow/tfjs-core';
import { type SmoothingForm, smoothLabels } from './smooth-labels.ts';
import { softmaxCrossEntropyRows } from './softmax-cross-entropy-rows.ts';

export interface SmoothedSoftmaxCrossEntropyOptions {
  /** How much probability is taken from the label, 0 <= epsilon < 1. Default 0.1. */
  readonly epsilon?: number;
  /** How it is spread, see `smoothLabels`. Default `uniform`. */
  readonly form?: SmoothingForm;
  /** What becomes of the losses of the batch. Default `mean`. */
  readonly reduction?: 'mean' | 'sum' | 'none';
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
 * form is `paper`. Labels that are smoothed already (mixup smooths first) take `epsilon: 0`.
 *
 * On a backend that registers TensorFlow's kernel `SoftmaxCrossEntropyWithLogits` that one op does the work.
 *
 * @throws RangeError when epsilon is outside [0, 1), there are fewer than two classes, or the shapes do not fit.
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
  if (reduction !== 'mean' && reduction !== 'sum' && reduction !== 'none') {
    throw new TypeError(
      `smoothedSoftmaxCrossEntropy: expected reduction to be 'mean', 'sum' or 'none', got ${JSON.stringify(reduction)}. Leave it out for 'mean'.`,
    );
  }
  if (logits.rank !== 2) {
    throw new TypeError(
      `smoothedSoftmaxCrossEntropy: expected logits of shape [batch, classes], got [${logits.shape}]. Reshape them to one row a label.`,
    );
  }
  const [batch, numClasses] = logits.shape as [number, number];
  if (labels.shape[0] !== batch || (labels.rank === 2 && labels.shape[1] !== numClasses)) {
    throw new RangeError(
      `smoothedSoftmaxCrossEntropy: expected labels for logits [${logits.shape}], got labels [${labels.shape}]. Labels come before logits, one row each.`,
    );
  }
  return tf.tidy(() => {
    const targets = smoothLabels(labels, { epsilon, form, numClasses });
    const losses = softmaxCrossEntropyRows(targets, tf.cast(logits, 'float32') as tf.Tensor2D);
    if (reduction === 'none') return losses;
    return reduction === 'mean' ? tf.mean<tf.Scalar>(losses) : tf.sum<tf.Scalar>(losses);
  });
}
