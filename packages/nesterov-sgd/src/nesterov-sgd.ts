import * as tf from '@tensorflow/tfjs-core';
import { checkLearningRate, checkMomentum, type NumberOrScalar } from './hyper-parameters.ts';
import { checkState, resolveGradients } from './named-tensors.ts';
import { nesterovUpdate } from './nesterov-update.ts';
import {
  type NamedVariables,
  type ParameterGroup,
  type Parameters,
  resolveParameters,
} from './parameters.ts';

export interface NesterovSgdOptions {
  /** Share of the velocity that survives a step, 0 <= momentum < 1. Default 0.9. */
  readonly momentum?: number;
  /** Weight decay of parameters whose group does not name its own, >= 0. Default 1e-4. */
  readonly weightDecay?: number;
}

export interface NesterovSgd {
  /** The velocity variables by stable name, not trainable: what a graph compiler must treat as state. Do not dispose them. */
  readonly velocities: NamedVariables;
  /**
   * Updates every parameter once. `gradients` is `tf.variableGrads(f).grads`, keyed by variable name; stable names do too.
   * Nothing is updated when any gradient is missing, unknown or misshapen. The gradients stay the caller's to dispose.
   */
  applyGradients(gradients: tf.NamedTensorMap, learningRate: NumberOrScalar): void;
  /** Differentiates the scalar `f()` by the parameters, applies the gradients and returns the loss, which the caller disposes. */
  minimize(f: () => tf.Scalar, learningRate: NumberOrScalar): { value: tf.Scalar };
  /** The velocities by stable name, as tensors that the caller disposes. */
  getState(): tf.NamedTensorMap;
  /** Restores what `getState` gave; exactly the same names and shapes, else nothing is changed and the error names the difference. */
  setState(state: tf.NamedTensorMap): void;
  /** Frees the velocities. The parameters are the caller's. */
  dispose(): void;
}

/**
 * SGD with Nesterov momentum and coupled weight decay in parameter groups, as in He et al. 2019, sections 2.1 and 3.1.
 *
 * ```
 * g := gradient + weightDecay * w
 * v := momentum * v + g                      v starts at 0
 * w := w - learningRate * (g + momentum * v)
 * ```
 *
 * `parameters` is a map from stable name to tf.Variable, a list of tf.Variables, or a list of groups
 * `{parameters, weightDecay}`; any float32 shapes. `learningRate` (>= 0) comes with every step, as a number or a scalar tensor.
 * No value is read, and per step each variable costs 6 operations, 8 with decay.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
 *
 * const weight = tf.variable(tf.ones([3, 1]));
 * const bias = tf.variable(tf.zeros([1]));
 * const optimizer = nesterovSgd(noBiasDecay({ 'fc.weight': weight, 'fc.bias': bias }));
 * const x = tf.ones([8, 3]);
 * const { value } = optimizer.minimize(() => x.matMul(weight).add(bias).square().mean().asScalar(), 0.1);
 * value.print(); // 9
 * ```
 *
 * Where implementations differ: equal to PyTorch's `SGD(nesterov=True, momentum, weight_decay)`, step for step. A parameter
 * without a gradient is an error here; PyTorch skips it in silence.
 *
 * @throws RangeError for hyper-parameters out of range, TypeError or Error for parameters that are no float32 trainable variables of distinct names.
 */
export function nesterovSgd(
  parameters: Parameters | readonly ParameterGroup[],
  { momentum = 0.9, weightDecay = 1e-4 }: NesterovSgdOptions = {},
): NesterovSgd {
  checkMomentum('nesterovSgd', momentum);
  const resolved = resolveParameters('nesterovSgd', parameters, weightDecay);
  // Kept for the optimiser's life: a number handed to tf.mul would be uploaded anew for every variable of every step.
  const keptScalars = new Map<number, tf.Scalar>();
  const scalar = (value: number): tf.Scalar => {
    const kept = keptScalars.get(value) ?? tf.keep(tf.scalar(value));
    keptScalars.set(value, kept);
    return kept;
  };
  const slots = resolved.map((parameter) => ({
    ...parameter,
    velocity: tf.tidy(() => tf.variable(tf.zerosLike(parameter.variable), false)),
    options: {
      momentum: scalar(momentum),
      weightDecay: parameter.weightDecay === 0 ? 0 : scalar(parameter.weightDecay),
    },
  }));
  const velocities: NamedVariables = Object.fromEntries(
    slots.map(({ name, velocity }) => [name, velocity]),
  );
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
    checkLearningRate(caller, learningRate);
    const ordered = resolveGradients(caller, resolved, gradients);
    tf.tidy(() => {
      const rate = typeof learningRate === 'number' ? tf.scalar(learningRate) : learningRate;
      slots.forEach(({ variable, velocity, options }, i) => {
        tf.tidy(() => {
          const next = nesterovUpdate(variable, velocity, ordered[i]!, rate, options);
          velocity.assign(next.velocity);
          variable.assign(next.weight);
        });
      });
    });
  };

  return {
    velocities,
    applyGradients: (gradients, learningRate) => update('applyGradients', gradients, learningRate),
    minimize(f, learningRate) {
      checkAlive('minimize');
      return tf.tidy(() => {
        const variables = slots.map(({ variable }) => variable);
        const { value, grads } = tf.variableGrads(f, variables);
        update('minimize', grads, learningRate);
        return { value };
      });
    },
    getState() {
      checkAlive('getState');
      return Object.fromEntries(slots.map(({ name, velocity }) => [name, tf.clone(velocity)]));
    },
    setState(state) {
      checkAlive('setState');
      checkState('setState', velocities, state);
      for (const { name, velocity } of slots) velocity.assign(state[name]!);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      tf.dispose([...keptScalars.values(), ...slots.map(({ velocity }) => velocity)]);
    },
  };
}
