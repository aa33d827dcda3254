import * as tf from '@tensorflow/tfjs-core';
import { allFinite } from './all-finite.ts';
import { findNativeBackend } from './autocast/native-backend.ts';
import {
  checkLossScaleState,
  type LossScaleRule,
  type LossScaleState,
  type LossScaleTensors,
  nextLossScaleTensors,
} from './next-loss-scale.ts';
import { scaleLoss, unscaleGradients } from './scale.ts';

/** A loss scale and its counts as float32 variables that are not trained: state of a compiled step, and of its checkpoint. */
export type LossScaleVariables = {
  readonly [Name in keyof LossScaleState]: tf.Variable<tf.Rank.R0>;
};

/**
 * The state of loss scaling as variables, for `scaledStep` (He et al. 2019, section 3.2).
 *
 * ```
 * scale = 2 ** 15, goodSteps = 0, skippedSteps = 0
 * ```
 *
 * `state` is where to begin, such as what a checkpoint holds. The three variables belong to the caller.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { lossScaleVariables } from '@bag-of-tricks/amp';
 *
 * lossScaleVariables({ scale: 1024 }).scale.print(); // 1024
 * ```
 *
 * @throws RangeError for a scale that is not finite and positive, or counts that are no integers >= 0.
 */
export function lossScaleVariables({
  scale = 2 ** 15,
  goodSteps = 0,
  skippedSteps = 0,
}: Partial<LossScaleState> = {}): LossScaleVariables {
  const bounds = { min: Number.MIN_VALUE, max: Number.MAX_VALUE };
  checkLossScaleState('lossScaleVariables', { scale, goodSteps, skippedSteps }, bounds);
  const variable = (value: number) =>
    tf.tidy(() => tf.variable(tf.scalar(value), false)) as tf.Variable<tf.Rank.R0>;
  return {
    scale: variable(scale),
    goodSteps: variable(goodSteps),
    skippedSteps: variable(skippedSteps),
  };
}

export interface ScaledStepOptions extends LossScaleRule {
  /** The float32 loss of this step, not scaled. */
  readonly loss: () => tf.Scalar;
  /** What the loss is differentiated by. */
  readonly parameters: tf.Variable[];
  /** Assigns variables: gets the unscaled float32 gradients by the names of the variables. */
  readonly update: (gradients: tf.NamedTensorMap) => void;
  /** The scale and its counts, from `lossScaleVariables`. */
  readonly state: LossScaleVariables;
}

/** What a step leaves behind: two scalars, which belong to the caller. No interface, for `compile` and `tf.tidy` take only types of an index. */
export type ScaledStepResult = {
  /** The loss, not scaled, of type float32. */
  readonly loss: tf.Scalar;
  /** Whether the step was taken, of type bool. */
  readonly finite: tf.Scalar;
};

/**
 * One training step with dynamic loss scaling, without reading a value: to be compiled as a whole (He et al. 2019, section 3.2).
 *
 * ```
 * g = grad(scale * loss) / scale
 * finite:      update(g)
 * not finite:  every variable that the step assigned, running statistics too, is what it was
 * scale := nextLossScaleTensors(state, finite)
 * ```
 *
 * All variables that `loss` and `update` assign are found by themselves. Runs inside of `autocast` or without; the
 * options of the rule are those of `nextLossScale`, and `growthFactor: 1, backoffFactor: 1` keeps the scale static.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { lossScaleVariables, scaledStep } from '@bag-of-tricks/amp';
 *
 * const weight = tf.variable(tf.scalar(3));
 * const state = lossScaleVariables();
 * const { loss, finite } = scaledStep({
 *   loss: () => tf.square(weight),
 *   parameters: [weight],
 *   update: (gradients) => weight.assign(tf.sub(weight, tf.mul(gradients[weight.name]!, 0.1))),
 *   state,
 * });
 * ```
 *
 * Where implementations differ: PyTorch's `GradScaler` skips the optimiser only; the running statistics of batch norm keep
 * the values of an overflowed forward pass.
 *
 * @throws RangeError for an option out of range; TypeError when a gradient is no float32 tensor.
 */
export function scaledStep({
  loss,
  parameters,
  update,
  state,
  ...rule
}: ScaledStepOptions): ScaledStepResult {
  return tf.tidy(() => {
    const step = () => {
      const { value, grads } = tf.variableGrads(() => scaleLoss(loss(), state.scale), parameters);
      update(unscaleGradients(grads, state.scale));
      return { loss: tf.div<tf.Scalar>(value, state.scale), finite: allFinite(grads) };
    };
    const result = skipUnless(({ finite }) => finite, step);
    moveLossScale(state, result.finite, rule);
    return result;
  });
}

/**
 * Assigns the next state of loss scaling to its variables, and returns it (He et al. 2019, section 3.2): `nextLossScaleTensors` in place.
 *
 * @throws RangeError for an option out of range.
 */
export function moveLossScale(
  state: LossScaleVariables,
  finite: tf.Scalar,
  rule: LossScaleRule = {},
): LossScaleTensors {
  const next = nextLossScaleTensors(state, finite, rule);
  for (const name of ['scale', 'goodSteps', 'skippedSteps'] as const) {
    state[name].assign(next[name]);
  }
  return next;
}

/**
 * Runs a step and takes back all that it assigned unless it was finite, without reading a value: the part of `scaledStep` that
 * skips, for a step that is put together otherwise.
 *
 * ```
 * variable := finite ? what the step assigned : what it was
 * ```
 *
 * `finite` picks the bool scalar from the result of `step`. Variables that the step assigns are found by themselves.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { skipUnless } from '@bag-of-tricks/amp';
 *
 * const weight = tf.variable(tf.scalar(3));
 * skipUnless(
 *   (finite) => finite,
 *   () => {
 *     weight.assign(tf.scalar(Number.NaN));
 *     return tf.scalar(false, 'bool');
 *   },
 * );
 * weight.print(); // 3
 * ```
 */
export function skipUnless<T>(finite: (result: T) => tf.Scalar, step: () => T): T {
  return tf.tidy(() => {
    const before = variablesOf(tf.backend()).map((variable) => ({
      variable,
      value: tf.clone(variable),
    }));
    const result = step();
    const taken = finite(result);
    for (const { variable, value } of before) {
      if (variable.isDisposed || variable.dataId === value.dataId) continue;
      variable.assign(choose(taken, variable, value));
    }
    return result as tf.TensorContainer;
  }) as T;
}

/** All variables there; to look at another backend's would move them. */
function variablesOf(backend: tf.KernelBackend): tf.Variable[] {
  const { registeredVariables, state } = tf.engine();
  return Object.values(registeredVariables).filter(
    ({ dataId }) => state.tensorInfo.get(dataId)?.backend === backend,
  );
}

function choose(condition: tf.Scalar, yes: tf.Tensor, no: tf.Tensor): tf.Tensor {
  if (findNativeBackend() === undefined) return tf.where(condition, yes, no);
  // TensorFlow's op takes a scalar condition, which tf.where would repeat for every element.
  return tf.engine().runKernel(tf.Select, { condition, t: yes, e: no }) as tf.Tensor;
}
