import {
  checkNotNegative,
  checkNumberOrScalar,
  type NumberOrScalar,
} from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import { type AdamWHyperParameters, checkHyperParameters } from './hyper-parameters.ts';

/** What AdamW keeps of one parameter: both start at zero and have the parameter's shape. */
export interface Moments {
  /** Moving mean of the gradient, PyTorch's `exp_avg`. */
  readonly mean: tf.Tensor;
  /** Moving mean of the squared gradient, PyTorch's `exp_avg_sq`. */
  readonly square: tf.Tensor;
}

export interface AdamWUpdateOptions extends AdamWHyperParameters {
  /** Size of the step, >= 0. */
  readonly learningRate: NumberOrScalar;
  /** The number of this update, 1 for the first one: it decides how much the moments' start at zero is corrected. */
  readonly step: NumberOrScalar;
  /** Share of the weight that is taken off, times the learning rate; >= 0. Default 0.01. */
  readonly weightDecay?: number;
}

export interface AdamWUpdateResult extends Moments {
  readonly weight: tf.Tensor;
}

/** What all parameters of one step share. */
export interface StepScalars {
  /** `c1 / sqrt(c2)`. */
  readonly rootScale: NumberOrScalar;
  /** `c1 * epsilon`. */
  readonly epsilon: NumberOrScalar;
}

/** The constants of the moments, as numbers, or as scalars that are uploaded once. */
export interface MomentConstants {
  /** `1 - beta1`. */
  readonly meanShare: NumberOrScalar;
  /** `beta2`. */
  readonly squareKept: NumberOrScalar;
  /** `1 - beta2`. */
  readonly squareShare: NumberOrScalar;
}

/**
 * `c = 1 - beta^step`, by which the moments are divided. In float32 the power would leave no digit of it in the first steps:
 * 1 - 0.999^1 has an error of 6e-5. `-expm1(step * ln(beta))` has all of them.
 */
function correction(beta: number, step: NumberOrScalar): tf.Tensor {
  // ln(0) is -Infinity, which not every backend handles; e^-10000 is 0 too.
  const logarithm = Math.max(Math.log(beta), -1e4);
  return tf.neg(tf.expm1(tf.mul(step, logarithm)));
}

/** Call it inside `tf.tidy`. */
export function stepScalars(
  step: NumberOrScalar,
  { beta1, beta2, epsilon }: Required<AdamWHyperParameters>,
): StepScalars {
  const c1 = correction(beta1, step);
  const c2 = correction(beta2, step);
  return {
    rootScale: tf.div(c1, tf.sqrt(c2)) as tf.Scalar,
    epsilon: tf.mul(c1, epsilon) as tf.Scalar,
  };
}

/** One parameter's update; `weightDecay` 0 costs nothing. Call it inside `tf.tidy`. */
export function updateParameter(
  weight: tf.Tensor,
  { mean, square }: Moments,
  gradient: tf.Tensor,
  learningRate: NumberOrScalar,
  weightDecay: NumberOrScalar,
  { rootScale, epsilon, meanShare, squareKept, squareShare }: StepScalars & MomentConstants,
): AdamWUpdateResult {
  const m = tf.add(mean, tf.mul(tf.sub(gradient, mean), meanShare));
  const v = tf.add(tf.mul(square, squareKept), tf.mul(tf.square(gradient), squareShare));
  const direction = tf.div(m, tf.add(tf.mul(tf.sqrt(v), rootScale), epsilon));
  const decayed = weightDecay === 0 ? direction : tf.add(direction, tf.mul(weight, weightDecay));
  return { weight: tf.sub(weight, tf.mul(decayed, learningRate)), mean: m, square: v };
}

/**
 * One step of AdamW for one parameter, Loshchilov and Hutter 2019, algorithm 2.
 *
 * ```
 * m := beta1 * m + (1 - beta1) * g              c1 = 1 - beta1^step
 * v := beta2 * v + (1 - beta2) * g^2            c2 = 1 - beta2^step
 * w := w - learningRate * ((m / c1) / (sqrt(v / c2) + epsilon) + weightDecay * w)
 * ```
 *
 * Computed as `m / (sqrt(v) * (c1 / sqrt(c2)) + c1 * epsilon)`, which is the same with two operations less.
 * `weight`, the moments and `gradient` have one shape, float32. `learningRate` (>= 0) and `step` (1, 2, ...) are numbers or
 * float32 scalar tensors; tensors are not read. The inputs are left alone, the three results belong to the caller.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { adamwUpdate } from '@bag-of-tricks/adamw';
 *
 * const weight = tf.tensor1d([1, 2]);
 * const zeros = { mean: tf.zerosLike(weight), square: tf.zerosLike(weight) };
 * const gradient = tf.tensor1d([0.5, -3]);
 * const next = adamwUpdate(weight, zeros, gradient, { learningRate: 0.1, step: 1, weightDecay: 0 });
 * next.weight.print(); // [0.9, 2.1]: the first step has the size of the learning rate
 * ```
 *
 * Where implementations differ: this is PyTorch's `torch.optim.AdamW`, where the decay is multiplied by the learning rate; the
 * paper multiplies it by the schedule alone. `tf.train.adam` has no decay.
 *
 * @throws RangeError for a hyper-parameter out of range, TypeError for a learning rate or step that is no scalar, Error when shapes differ.
 */
export function adamwUpdate(
  weight: tf.Tensor,
  moments: Moments,
  gradient: tf.Tensor,
  options: AdamWUpdateOptions,
): AdamWUpdateResult {
  const { learningRate, step, weightDecay = 0.01 } = options;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkHyperParameters('adamwUpdate', { beta1, beta2, epsilon });
  checkNotNegative('adamwUpdate', 'weightDecay', weightDecay);
  checkNumberOrScalar('adamwUpdate', 'learningRate', learningRate);
  checkNumberOrScalar('adamwUpdate', 'step', step);
  if (typeof step === 'number' && !(step >= 1)) {
    throw new RangeError(`adamwUpdate: expected step to be at least 1, got ${step}. Count from 1.`);
  }
  // Broadcasting would hide a wrong shape: a gradient of [1] would move every weight.
  for (const [name, tensor] of Object.entries({ ...moments, gradient })) {
    if (!tf.util.arraysEqual(tensor.shape, weight.shape)) {
      throw new Error(
        `adamwUpdate: expected ${name} of shape [${weight.shape}], the weight's, got [${tensor.shape}]. Pass the tensors of one variable.`,
      );
    }
  }
  return tf.tidy(() => ({
    ...updateParameter(weight, moments, gradient, learningRate, weightDecay, {
      ...stepScalars(step, { beta1, beta2, epsilon }),
      meanShare: 1 - beta1,
      squareKept: beta2,
      squareShare: 1 - beta2,
    }),
  }));
}
