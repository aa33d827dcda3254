import * as tf from '@tensorflow/tfjs-core';
import type { MomentConstants } from './adamw-update.ts';
import { listNames } from './list-names.ts';
import { checkLike, type NamedVariables, type Parameter } from './parameters.ts';

/** A parameter with its moments, and its weight decay as a scalar, or 0. */
export interface Slot {
  readonly variable: tf.Variable;
  readonly moments: { readonly mean: tf.Variable; readonly square: tf.Variable };
  readonly decay: tf.Scalar | 0;
}

export interface State {
  readonly step: tf.Variable;
  readonly slots: readonly Slot[];
  /** The step and all moments, by the names under which they are saved. */
  readonly variables: NamedVariables;
  /** Kept for the optimiser's life: a number handed to tf.mul would be uploaded anew for every variable of every step. */
  readonly constants: MomentConstants;
  dispose(): void;
}

/** Makes everything that an optimiser holds: the step and the moments at zero, and its constants as scalars. */
export function createState(
  parameters: readonly Parameter[],
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): State {
  const kept = new Map<number, tf.Scalar>();
  const scalar = (value: number): tf.Scalar => {
    const one = kept.get(value) ?? tf.keep(tf.scalar(value));
    kept.set(value, one);
    return one;
  };
  const zeros = (shape: readonly number[]) =>
    tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
  // float32, as PyTorch's: exact up to 2^24 steps, after which no correction is left to count for.
  const step = zeros([]);
  const slots = parameters.map(({ variable, weightDecay }) => ({
    variable,
    moments: { mean: zeros(variable.shape), square: zeros(variable.shape) },
    decay: weightDecay === 0 ? (0 as const) : scalar(weightDecay),
  }));
  const variables: Record<string, tf.Variable> = { step };
  for (const [i, { name }] of parameters.entries()) {
    variables[`${name}.exp_avg`] = slots[i]!.moments.mean;
    variables[`${name}.exp_avg_sq`] = slots[i]!.moments.square;
  }
  return {
    step,
    slots,
    variables,
    constants: {
      meanShare: scalar(1 - beta1),
      squareKept: scalar(beta2),
      squareShare: scalar(1 - beta2),
    },
    dispose: () => tf.dispose([...kept.values(), ...Object.values(variables)]),
  };
}

/** Throws unless `state` holds exactly one float32 tensor of the right shape for each variable. */
export function checkState(
  caller: string,
  variables: NamedVariables,
  state: tf.NamedTensorMap,
): void {
  const missing = Object.keys(variables).filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(
      `${caller}: expected the step and the moments of exactly this optimiser's parameters; ` +
        `missing: ${listNames(missing)}; unknown: ${listNames(unknown)}. Was the state saved for another model?`,
    );
  }
  for (const [name, variable] of Object.entries(variables)) {
    checkLike(caller, `'${name}'`, state[name]!, variable);
  }
}
