import * as tf from '@tensorflow/tfjs-core';
import { stepScalars, updateParameter } from './adamw-update.ts';
import {
  type AdamWHyperParameters,
  checkHyperParameters,
  checkNumberOrScalar,
  type NumberOrScalar,
} from './hyper-parameters.ts';
import {
  type NamedVariables,
  type ParameterGroup,
  type Parameters,
  resolveGradients,
  resolveParameters,
} from './parameters.ts';
import { checkState, createState } from './state.ts';

export interface AdamWOptions extends AdamWHyperParameters {
  /** Weight decay of parameters whose group does not name its own, >= 0. Default 0.01. */
  readonly weightDecay?: number;
}

export interface AdamW {
  /**
   * The state, not trainable: `step` (the number of updates made), and for each parameter `<name>.exp_avg` and
   * `<name>.exp_avg_sq`. A graph compiler must treat these as state. Do not dispose them.
   */
  readonly variables: NamedVariables;
  /**
   * Updates every parameter once. `gradients` is `tf.variableGrads(f).grads`, keyed by variable name; stable names do too.
   * Nothing is updated when any gradient is missing, unknown or misshapen. The gradients stay the caller's to dispose.
   */
  applyGradients(gradients: tf.NamedTensorMap, learningRate: NumberOrScalar): void;
  /** Differentiates the scalar `f()` by the parameters, applies the gradients and returns the loss, which the caller disposes. */
  minimize(f: () => tf.Scalar, learningRate: NumberOrScalar): { value: tf.Scalar };
  /** The state under the names of `variables`, as tensors that the caller disposes. */
  getState(): tf.NamedTensorMap;
  /** Restores what `getState` gave; exactly the same names and shapes, else nothing is changed and the error names the difference. */
  setState(state: tf.NamedTensorMap): void;
  /** Frees the state. The parameters are the caller's. */
  dispose(): void;
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
  const resolved = resolveParameters('adamw', parameters, weightDecay);
  const { step, slots, variables, constants, dispose } = createState(resolved, { beta1, beta2 });
  let disposed = false;
  const checkAlive = (caller: string): void => {
    if (disposed) throw new Error(`${caller}: this optimiser was disposed. Make a new one.`);
  };

  const update = (
    caller: string,
    gradients: tf.NamedTensorMap,
    learningRate: NumberOrScalar,
  ): void => {
    checkAlive(caller);
    checkNumberOrScalar(caller, 'learningRate', learningRate);
    const ordered = resolveGradients(caller, resolved, gradients);
    tf.tidy(() => {
      const rate = typeof learningRate === 'number' ? tf.scalar(learningRate) : learningRate;
      step.assign(tf.add(step, 1));
      const scalars = { ...stepScalars(step as tf.Scalar, hyperParameters), ...constants };
      for (const [i, { variable, moments, decay }] of slots.entries()) {
        tf.tidy(() => {
          const next = updateParameter(variable, moments, ordered[i]!, rate, decay, scalars);
          moments.mean.assign(next.mean);
          moments.square.assign(next.square);
          variable.assign(next.weight);
        });
      }
    });
  };

  return {
    variables,
    applyGradients: (gradients, learningRate) => update('applyGradients', gradients, learningRate),
    minimize(f, learningRate) {
      checkAlive('minimize');
      return tf.tidy(() => {
        const members = slots.map(({ variable }) => variable);
        const { value, grads } = tf.variableGrads(f, members);
        update('minimize', grads, learningRate);
        return { value };
      });
    },
    getState() {
      checkAlive('getState');
      return Object.fromEntries(
        Object.entries(variables).map(([name, variable]) => [name, tf.clone(variable)]),
      );
    },
    setState(state) {
      checkAlive('setState');
      checkState('setState', variables, state);
      for (const [name, variable] of Object.entries(variables)) variable.assign(state[name]!);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      dispose();
    },
  };
}
