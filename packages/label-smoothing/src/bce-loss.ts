import * as tf from '@tensorflow/tfjs-core';
import { checkTargets } from './check-targets.ts';

export interface BceLossOptions {
  /** Adds up the losses of the classes instead of averaging them: K times the loss and its gradient. Default false. */
  readonly sumClasses?: boolean;
  /** Targets above it become 1 and the others 0, so that both classes of a mixed image count fully; 0 <= threshold < 1. Default: none. */
  readonly threshold?: number;
}

/**
 * Binary cross-entropy, which asks of each class by itself whether it is in the image (Wightman et al. 2021, "ResNet strikes back").
 *
 * `loss = mean over batch and classes of -(p * log sigmoid(z) + (1 - p) * log(1 - sigmoid(z)))`, and its gradient
 * `(sigmoid(z) - p) / (batch * classes)`; with `sumClasses` a sum over the classes, and `/ batch`
 *
 * @param targets p, `[batch, classes]`: one-hot, soft, smoothed or mixed, or several ones a row for several labels; values from
 * 0 to 1. Or class numbers, int32 `[batch]`. They are constants: no gradient flows into them. Values are not read.
 * @param logits z, `[batch, classes]`, before any sigmoid, computed in float32; no size of them overflows.
 * @param options `sumClasses` = false, `threshold` (none unless given; the paper's is 0.2).
 * @returns A scalar. Yours to dispose.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { bceLoss } from '@bag-of-tricks/label-smoothing';
 *
 * const mixed = tf.tensor2d([0.7, 0, 0.3, 0], [1, 4]);
 * bceLoss(mixed, tf.zeros([1, 4]), { threshold: 0.2 }).print(); // 0.693, ln 2: nothing is learned yet
 * ```
 *
 * Equals timm's `BinaryCrossEntropy` on dense targets. On class numbers timm smooths by 0.1 if not told otherwise; here
 * nothing is smoothed unless you pass `smoothLabels(labels)`. The mean over the classes makes the gradient K times smaller than
 * their sum; the paper's optimiser, LAMB, does not feel that, SGD does.
 *
 * @throws RangeError when the shapes do not fit, there is no row, or threshold is outside [0, 1).
 * @throws TypeError when logits is not `[batch, classes]`, or the kind of targets is unknown.
 */
export function bceLoss(
  targets: tf.Tensor,
  logits: tf.Tensor,
  { sumClasses = false, threshold }: BceLossOptions = {},
): tf.Scalar {
  checkTargets('bceLoss', targets, logits);
  if (threshold !== undefined && !(threshold >= 0 && threshold < 1)) {
    throw new RangeError(
      `bceLoss: expected 0 <= threshold < 1, got ${threshold}. The paper uses 0.2; leave it out to keep soft targets.`,
    );
  }
  const [batch, numClasses] = logits.shape;
  return tf.tidy(() => {
    const given = targets.rank === 1 ? tf.oneHot(targets, numClasses) : targets;
    const soft = tf.cast(given, 'float32');
    const p = threshold === undefined ? soft : tf.cast(tf.greater(soft, threshold), 'float32');
    const total = tf.sum(elementLosses(p, tf.cast(logits, 'float32')));
    return tf.div<tf.Scalar>(total, sumClasses ? batch : batch * numClasses);
  });
}

/** -(p log sigmoid(z) + (1 - p) log(1 - sigmoid(z))) = max(z, 0) - z p + log(1 + exp(-|z|)), where nothing overflows. */
function elementLosses(p: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.customGrad((z, save) => {
    const x = z as tf.Tensor;
    (save as tf.GradSaveFunc)([x, p]);
    const tail = tf.log1p(tf.exp(tf.neg(tf.abs(x))));
    return {
      value: tf.add(tf.sub(tf.relu(x), tf.mul(x, p)), tail),
      gradFunc: (dy, saved) => {
        const [x, p] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(dy, tf.sub(tf.sigmoid(x), p));
      },
    };
  })(logits);
}
