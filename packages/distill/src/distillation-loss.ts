import * as tf from '@tensorflow/tfjs-core';
import { checkLabels, checkLogits, checkTemperature } from './check.ts';

/**
 * `'crossEntropy'`: -sum p log q, the paper's own value. `'kl'`: sum p (log p - log q), which is less by the entropy of p;
 * the student cannot change that, so the gradients are equal.
 */
export type SoftValue = 'kl' | 'crossEntropy';

export interface DistillationLossOptions {
  /** What both distributions of the soft term are softened by: > 0, from 1e-3 to 1e3. */
  readonly temperature?: number;
  /** `'paper'`: hard + soft. `'convex'` (gluon-cv): hardWeight * hard + (1 - hardWeight) * soft. */
  readonly form?: 'paper' | 'convex';
  /** Weight of the hard term in the convex form, from 0 to 1. Not for the paper's form, whose weights are both 1. */
  readonly hardWeight?: number;
  /** Which value the soft term shows; its gradient is the same. */
  readonly value?: SoftValue;
}

export interface DistillationLoss {
  /** The scalar to differentiate: both terms, weighted by the form. */
  readonly loss: tf.Scalar;
  /** l(p, softmax(z)), the unweighted hard term. */
  readonly hard: tf.Scalar;
  /** T^2 * l(softmax(r/T), softmax(z/T)), the unweighted soft term. */
  readonly soft: tf.Scalar;
}

/**
 * The loss of a student that learns from labels and from a teacher (Hinton et al., 2015; He et al., 2019, section 5.3).
 *
 * loss = l(p, softmax(z)) + T^2 * l(softmax(r/T), softmax(z/T)), l the cross-entropy, mean over the batch.
 *
 * The gradient goes to the student's logits alone, soft part T * (softmax(z/T) - softmax(r/T)) / batch; labels and
 * teacher get none, so the teacher may run inside the differentiated function. All in FP32, nothing is read.
 *
 * @param labels - p, `[batch, classes]`: one-hot, smoothed or mixed; each row should sum to 1. int32 is cast.
 * @param studentLogits - z, `[batch, classes]`, before any softmax.
 * @param teacherLogits - r, `[batch, classes]`, for the same (mixed) images.
 * @param options - `temperature` = 20, `form` = `'paper'`, `hardWeight` = 0.5 (convex only), `value` = `'kl'`.
 *   `'kl'` is the cross-entropy less the teacher's own entropy: 0 when the student has learned all. `'crossEntropy'` is the
 *   formula's own value, which starts near T^2 * ln(classes): 2763 for T = 20 and 1000 classes.
 * @returns Three new scalars. Differentiate `loss`; `hard` and `soft` are for the log.
 *
 * @example
 * ```ts
 * const labels = tf.oneHot([0, 2], 3);
 * const student = tf.variable(tf.zeros<tf.Rank.R2>([2, 3]));
 * const teacher = tf.tensor2d([[5, 1, 0], [0, 1, 4]]);
 * const { value, grads } = tf.variableGrads(() => distillationLoss(labels, student, teacher).loss);
 * ```
 *
 * Where paper and reference code differ: the paper adds both terms with weight 1; gluon-cv's loss is the convex form with
 * hard weight 0.5, exactly half of it, so that the same learning rate takes half the step.
 *
 * @throws RangeError if shapes do not fit or temperature, form, hardWeight or value is out of range.
 * @throws TypeError if labels are class indices, a dtype does not fit, or hardWeight is given for the paper's form.
 */
export function distillationLoss(
  labels: tf.Tensor,
  studentLogits: tf.Tensor,
  teacherLogits: tf.Tensor,
  { temperature = 20, form = 'paper', hardWeight, value = 'kl' }: DistillationLossOptions = {},
): DistillationLoss {
  checkLogits('studentLogits', studentLogits);
  checkLogits('teacherLogits', teacherLogits, studentLogits);
  checkLabels(labels, studentLogits);
  checkTemperature('distillationLoss', temperature);
  checkChoice('form', form, ['paper', 'convex']);
  checkChoice('value', value, ['kl', 'crossEntropy']);
  const [hardShare, softShare] = weightsOf(form, hardWeight);
  return tf.tidy(() => {
    const z = tf.cast(studentLogits, 'float32');
    const hard = hardTerm(tf.cast(labels, 'float32'), z);
    const soft = softTerm(z, tf.cast(teacherLogits, 'float32'), temperature, value);
    const loss: tf.Scalar = tf.add(tf.mul(hardShare, hard), tf.mul(softShare, soft));
    return { loss, hard, soft };
  });
}

/** l(p, softmax(z)) = -sum_k p_k log softmax(z)_k, mean over the batch. */
function hardTerm(p: tf.Tensor2D, z: tf.Tensor2D): tf.Scalar {
  return studentTerm(
    z,
    p,
    (z, p) => tf.neg(tf.mean(tf.sum(tf.mul(p, tf.logSoftmax(z)), -1))),
    (z, p) => tf.div(tf.sub(tf.mul(tf.softmax(z), tf.sum(p, -1, true)), p), z.shape[0]),
  );
}

/**
 * T^2 * l(p, q) with p = softmax(r/T) and q = softmax(z/T), mean over the batch.
 * Its slope in z is T * (q - p) / batch, whichever value is shown.
 */
function softTerm(z: tf.Tensor2D, r: tf.Tensor2D, T: number, value: SoftValue): tf.Scalar {
  const l = value === 'kl' ? klDivergence : crossEntropy;
  return studentTerm(
    z,
    r,
    (z, r) => {
      const logP = tf.logSoftmax(tf.div(r, T));
      const logQ = tf.logSoftmax(tf.div(z, T));
      return tf.mul(T ** 2, tf.mean(l(logP, logQ)));
    },
    (z, r) => {
      const p = tf.softmax(tf.div(r, T));
      const q = tf.softmax(tf.div(z, T));
      return tf.mul(T / z.shape[0], tf.sub(q, p));
    },
  );
}

function crossEntropy(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(tf.exp(logP), logQ), -1));
}

/**
 * sum p (log p - log q), written as sum [p (log p - log q) - p + q] (p and q both sum to 1). With x = log q - log p
 * each summand is p (expm1(x) - x) >= 0, so nothing cancels. The plain sum does at a high temperature, where p and q
 * are close: its rounding error, times T^2, would hide a well-trained student's loss and could make it negative.
 */
function klDivergence(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  const p = tf.exp(logP);
  const x = tf.sub(logQ, logP);
  const near = tf.mul(p, tf.sub(tf.expm1(tf.minimum(x, 1)), x));
  // exp(x) would overflow here, and p exp(x) is q.
  const far = tf.sub(tf.sub(tf.exp(logQ), p), tf.mul(p, x));
  return tf.sum(tf.where(tf.less(x, 1), near, far), -1);
}

/**
 * A term of the loss whose slope in z is given by a formula, and which has none in its target. tfjs has no stopGradient;
 * this stands for it, and it frees the value to be computed in the numerically best way.
 */
function studentTerm(
  z: tf.Tensor2D,
  target: tf.Tensor2D,
  value: (z: tf.Tensor2D, target: tf.Tensor2D) => tf.Scalar,
  slope: (z: tf.Tensor2D, target: tf.Tensor2D) => tf.Tensor2D,
): tf.Scalar {
  return tf.customGrad<tf.Scalar>((input, save) => {
    const z = input as tf.Tensor2D;
    (save as (tensors: tf.Tensor[]) => void)([z, target]);
    return {
      value: value(z, target),
      gradFunc: (dy, saved) => {
        const [z, target] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.mul(dy, slope(z, target));
      },
    };
  })(z);
}

function weightsOf(form: 'paper' | 'convex', hardWeight: number | undefined): [number, number] {
  if (form === 'convex') {
    const weight = hardWeight ?? 0.5;
    if (!(weight >= 0 && weight <= 1)) {
      throw new RangeError(
        `distillationLoss: expected hardWeight to be a number from 0 to 1, got ${String(weight)}. gluon-cv uses 0.5.`,
      );
    }
    return [weight, 1 - weight];
  }
  if (hardWeight !== undefined) {
    throw new TypeError(
      `distillationLoss: expected no hardWeight with form 'paper', got ${String(hardWeight)}. Its weights are both 1; pass form: 'convex' to weigh them.`,
    );
  }
  return [1, 1];
}

function checkChoice(name: string, given: string, choices: readonly string[]): void {
  if (!choices.includes(given)) {
    throw new RangeError(
      `distillationLoss: expected ${name} to be ${choices.map((choice) => `'${choice}'`).join(' or ')}, got ${String(given)}. Pass one of them.`,
    );
  }
}
