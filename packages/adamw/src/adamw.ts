import {
  type GroupedOptimizer,
  groupedOptimizer,
  type NamedVariables,
  type ParameterGroup,
  type Parameters,
} from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import { stepScalars, updateParameter } from './adamw-update.ts';
import { type AdamWHyperParameters, checkHyperParameters } from './hyper-parameters.ts';

export interface AdamWOptions extends AdamWHyperParameters {
  /** Weight decay of parameters whose group does not name its own, >= 0. Default 0.01. */
  readonly weightDecay?: number;
}

export interface AdamW extends GroupedOptimizer {
  /**
   * The state, not trainable: `step` (the number of updates made), and for each parameter `<name>.exp_avg` and
   * `<name>.exp_avg_sq`. A graph compiler must treat these as state. Do not dispose them.
   */
  readonly variables: NamedVariables;
}

/**
 * AdamW: Adam with decoupled weight decay, in parameter groups, as in Loshchilov and Hutter 2019, algorithm 2.
 *
 * ```
 * m := beta1 * m + (1 - beta1) * g              c1 = 1 - beta1^step
 * v := beta2 * v + (1 - beta2) * g^2            c2 = 1 - beta2^step
 * w := w - learningRate * ((m / c1) / (sqrt(v / c2) + epsilon) + weightDecay * w)
 * ```
 *
 * `parameters` is a map from stable name to tf.Variable, a list of tf.Variables, or a list of groups
 * `{parameters, weightDecay}`; any float32 shapes. `learningRate` (>= 0) comes with every step, as a number or a scalar tensor.
 * The step is counted in a variable, so that a compiled graph counts it too. No value is read.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { adamw, noBiasDecay } from '@bag-of-tricks/adamw';
 *
 * const weight = tf.variable(tf.ones([3, 1]));
 * const bias = tf.variable(tf.zeros([1]));
 * const optimizer = adamw(noBiasDecay({ 'fc.weight': weight, 'fc.bias': bias }));
 * const x = tf.ones([8, 3]);
 * const { value } = optimizer.minimize(() => x.matMul(weight).add(bias).square().mean().asScalar(), 1e-3);
 * value.print(); // 9
 * ```
 *
 * Where implementations differ: equal to PyTorch's `torch.optim.AdamW`, step for step. A parameter without a gradient is an
 * error here; PyTorch skips it in silence.
 *
 * @throws RangeError for hyper-parameters out of range, TypeError or Error for parameters that are no float32 trainable variables of distinct names.
 */
export function adamw(
  parameters: Parameters | readonly ParameterGroup[],
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
): AdamW {
  const hyperParameters = { beta1, beta2, epsilon };
  checkHyperParameters('adamw', hyperParameters);
  return groupedOptimizer(parameters, {
    name: 'adamw',
    weightDecay,
    slots: { mean: '.exp_avg', square: '.exp_avg_sq' },
    // float32, as PyTorch's: exact up to 2^24 steps, after which no correction is left to count for.
    counters: ['step'],
    formula(constant, { step }) {
      const shares = {
        meanShare: constant(1 - beta1),
        squareKept: constant(beta2),
        squareShare: constant(1 - beta2),
      };
      return () => {
        step!.assign(tf.add(step!, 1));
        const scalars = { ...stepScalars(step as tf.Scalar, hyperParameters), ...shares };
        return ({ weight, mean, square, gradient, learningRate, weightDecay }) =>
          updateParameter(weight, { mean, square }, gradient, learningRate, weightDecay, scalars);
      };
    },
  });
}
