import * as tf from '@tensorflow/tfjs-core';
import { checkLabels, checkLogits, checkTemperature } from './check.ts';
import { hardTerm } from './hard-term.ts';
import { type SoftValue, softTerm } from './soft-term.ts';

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
