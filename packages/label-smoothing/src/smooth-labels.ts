import * as tf from '@tensorflow/tfjs-core';

/**
 * `uniform`: epsilon is spread over all K classes, the true one too, as every library does.
 * `paper`: over the K - 1 others, as He et al. write it.
 */
export type SmoothingForm = 'uniform' | 'paper';

export interface SmoothLabelsOptions {
  /** How much probability is taken from the label, 0 <= epsilon < 1. Default 0.1. */
  readonly epsilon?: number;
  /** How it is spread. Default `uniform`. */
  readonly form?: SmoothingForm;
  /** Number of classes K >= 2. Needed for integer labels `[batch]`; otherwise the width of `labels`. */
  readonly numClasses?: number;
}

/**
 * Smooths labels: takes `epsilon` from the true class and gives it to the others (He et al. 2019, section 5.2; Szegedy et al. 2016).
 *
 * With `y` the one-hot or soft label, each row summing to 1:
 *
 * - `uniform`: `q = (1 - epsilon) * y + epsilon / K`
 * - `paper`: `q = (1 - epsilon) * y + epsilon / (K - 1) * (1 - y)`; for a one-hot `y` that is `1 - epsilon` for the true
 *   class and `epsilon / (K - 1)` for the others
 *
 * Both are linear, so smoothing before mixing (the paper's order) and after it give the same labels.
 *
 * @param labels Class numbers, int32 `[batch]`; or one-hot, soft or mixed labels `[batch, classes]` of any dtype.
 * Values are not read: a class number outside 0 .. K-1 gives a row without a true class.
 * @returns float32 `[batch, classes]`, each row summing to 1. Yours to dispose.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { smoothLabels } from '@bag-of-tricks/label-smoothing';
 *
 * const targets = smoothLabels(tf.tensor1d([2, 0], 'int32'), { numClasses: 4 });
 * targets.print(); // 0.925 for the true class, 0.025 for the others
 * ```
 *
 * Gluon-cv, timm, Keras, Optax and PyTorch compute `uniform`, also where they reproduce the paper. `paper` at epsilon equals
 * `uniform` at `epsilon * K / (K - 1)`.
 *
 * @throws RangeError when epsilon is outside [0, 1), when there are fewer than two classes or `numClasses` disagrees with `labels`.
 * @throws TypeError when `labels` is neither int32 `[batch]` nor `[batch, classes]`, or `form` is unknown.
 */
export function smoothLabels(
  labels: tf.Tensor,
  { epsilon = 0.1, form = 'uniform', numClasses }: SmoothLabelsOptions = {},
): tf.Tensor2D {
  if (!(epsilon >= 0 && epsilon < 1)) {
    throw new RangeError(
      `smoothLabels: expected 0 <= epsilon < 1, got ${epsilon}. The paper uses 0.1; 0 turns smoothing off.`,
    );
  }
  if (form !== 'uniform' && form !== 'paper') {
    throw new TypeError(
      `smoothLabels: expected form to be 'uniform' or 'paper', got ${JSON.stringify(form)}. Leave it out for 'uniform'.`,
    );
  }
  const K = countClasses(labels, numClasses);
  const others = form === 'uniform' ? epsilon / K : epsilon / (K - 1);
  const scale = form === 'uniform' ? 1 - epsilon : 1 - epsilon - others;
  return tf.tidy(() => {
    // The values on and off of oneHot would be whole numbers on the wasm backend, 0 both.
    const y = labels.rank === 1 ? tf.oneHot(labels, K) : labels;
    return tf.add(tf.mul(tf.cast(y, 'float32'), scale), others) as tf.Tensor2D;
  });
}

function countClasses(labels: tf.Tensor, numClasses: number | undefined): number {
  const sparse = labels.rank === 1 && labels.dtype === 'int32';
  if (!sparse && labels.rank !== 2) {
    throw new TypeError(
      `smoothLabels: expected labels to be int32 [batch] or [batch, classes], got ${labels.dtype} [${labels.shape}]. Cast class numbers to int32, or pass one row a label.`,
    );
  }
  const width = sparse ? numClasses : labels.shape[1];
  if (width === undefined) {
    throw new RangeError(
      'smoothLabels: expected numClasses with labels of shape [batch], got none. Pass the number of classes.',
    );
  }
  if (!Number.isSafeInteger(width) || width < 2) {
    throw new RangeError(
      `smoothLabels: expected at least 2 classes, got ${width}. Smoothing needs a wrong class to give to.`,
    );
  }
  if (numClasses !== undefined && numClasses !== width) {
    throw new RangeError(
      `smoothLabels: expected numClasses to be the width of labels [${labels.shape}], got ${numClasses}. Leave numClasses out.`,
    );
  }
  return width;
}
