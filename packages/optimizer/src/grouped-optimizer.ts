import * as tf from '@tensorflow/tfjs-core';
import { checkNumberOrScalar, type NumberOrScalar } from './hyper-parameters.ts';
import { checkState, resolveGradients } from './named-tensors.ts';
import type { GroupedOptimizer } from './optimizer.ts';
import {
  type NamedVariables,
  type Parameter,
  type ParameterGroup,
  type Parameters,
  resolveParameters,
} from './parameters.ts';

/** One parameter in one step; `weightDecay` is the number 0 where nothing decays. */
export interface UpdateInputs {
  readonly weight: tf.Variable;
  readonly gradient: tf.Tensor;
  readonly learningRate: tf.Scalar;
  readonly weightDecay: tf.Scalar | 0;
}

/** The formula: the new weight and slots of one parameter. It is called inside `tf.tidy`. */
export type Update<Slot extends string> = (
  inputs: UpdateInputs & Readonly<Record<Slot, tf.Variable>>,
) => Readonly<Record<Slot | 'weight', tf.Tensor>>;

/** What makes one optimiser differ from another. */
export interface OptimizerRule<Slot extends string> {
  /** Name of the function that makes it, for its messages. */
  readonly name: string;
  /** Weight decay of parameters whose group does not name its own, >= 0. */
  readonly weightDecay: number;
  /** What is kept for each parameter, float32 in its shape, from zero on; the value is what follows the parameter's name in the state. */
  readonly slots: Readonly<Record<Slot, string>>;
  /** Names of scalars that are kept once, from zero on. Default: none. */
  readonly counters?: readonly string[];
  /**
   * Called once, with a function that makes a scalar of a constant and keeps it for the optimiser's life: a number handed to
   * `tf.mul` would be uploaded anew for every parameter of every step. Make them here and not in a step. What `formula` returns
   * is called at the beginning of each step.
   */
  formula(constant: (value: number) => tf.Scalar, counters: NamedVariables): () => Update<Slot>;
}

interface State<Slot extends string> {
  /** All that is saved, by name. */
  readonly variables: NamedVariables;
  readonly counters: NamedVariables;
  readonly places: readonly {
    readonly weight: tf.Variable;
    readonly slots: Readonly<Record<Slot, tf.Variable>>;
    readonly weightDecay: tf.Scalar | 0;
    /** Null where the learning rate is taken as it is. */
    readonly rateFactor: tf.Scalar | null;
  }[];
  constant(value: number): tf.Scalar;
  dispose(): void;
}

function createState<Slot extends string>(
  parameters: readonly Parameter[],
  { slots: suffixes, counters: counterNames = [] }: OptimizerRule<Slot>,
): State<Slot> {
  const zeros = (shape: readonly number[]) =>
    tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
  const kept = new Map<number, tf.Scalar>();
  const constant = (value: number): tf.Scalar => {
    const scalar = kept.get(value) ?? tf.keep(tf.scalar(value));
    kept.set(value, scalar);
    return scalar;
  };
  const counters = Object.fromEntries(counterNames.map((name) => [name, zeros([])]));
  const variables: Record<string, tf.Variable> = { ...counters };
  const places = parameters.map(({ name, variable: weight, weightDecay, rateFactor }) => {
    const slots = {} as Record<Slot, tf.Variable>;
    for (const slot of Object.keys(suffixes) as Slot[]) {
      slots[slot] = zeros(weight.shape);
      variables[name + suffixes[slot]] = slots[slot];
    }
    const decay = weightDecay === 0 ? (0 as const) : constant(weightDecay);
    const factor = rateFactor === 1 ? null : constant(rateFactor);
    return { weight, slots, weightDecay: decay, rateFactor: factor };
  });
  const dispose = () => tf.dispose([...kept.values(), ...Object.values(variables)]);
  return { variables, counters, places, constant, dispose };
}

/**
 * Makes an optimiser of its formula: parameter groups with a weight decay and a factor of the learning rate each, gradients found by name, state in and out.
 *
 * `parameters` is a map from stable name to tf.Variable, a list of tf.Variables, or a list of groups
 * `{parameters, weightDecay, rateFactor}`; any float32 shapes. No value is read, so that its steps can be compiled.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { groupedOptimizer } from '@bag-of-tricks/optimizer';
 *
 * const weight = tf.variable(tf.scalar(3));
 * // RMSProp: s := 0.9 s + 0.1 g^2, w := w - learningRate * g / sqrt(s)
 * const optimizer = groupedOptimizer([weight], {
 *   name: 'rmsProp',
 *   weightDecay: 0,
 *   slots: { square: '.square_avg' },
 *   formula(constant) {
 *     const [kept, share] = [constant(0.9), constant(0.1)];
 *     return () => ({ weight, gradient, learningRate, square }) => {
 *       const s = tf.add(tf.mul(square, kept), tf.mul(tf.square(gradient), share));
 *       const step = tf.mul(tf.div(gradient, tf.sqrt(s)), learningRate);
 *       return { weight: tf.sub(weight, step), square: s };
 *     };
 *   },
 * });
 * optimizer.minimize(() => tf.square(weight).asScalar(), 0.1).value.print(); // 9
 * ```
 *
 * @throws RangeError for a weight decay or factor out of range, TypeError or Error for parameters that are no float32 trainable variables of distinct names.
 */
export function groupedOptimizer<Slot extends string>(
  parameters: Parameters | readonly ParameterGroup[],
  rule: OptimizerRule<Slot>,
): GroupedOptimizer {
  const resolved = resolveParameters(rule.name, parameters, rule.weightDecay);
  const { variables, counters, places, constant, dispose } = createState(resolved, rule);
  const beginStep = rule.formula(constant, counters);

  let disposed = false;
  const checkAlive = (caller: string): void => {
    if (disposed) throw new Error(`${caller}: this optimiser was disposed. Make a new one.`);
  };
  const update = (caller: string, gradients: tf.NamedTensorMap, rate: NumberOrScalar): void => {
    checkAlive(caller);
    checkNumberOrScalar(caller, 'learningRate', rate);
    const ordered = resolveGradients(caller, resolved, gradients);
    tf.tidy(() => {
      const full = typeof rate === 'number' ? tf.scalar(rate) : rate;
      const rates = new Map<tf.Scalar | null, tf.Scalar>([[null, full]]);
      for (const { rateFactor } of places) {
        if (!rates.has(rateFactor)) rates.set(rateFactor, tf.mul(full, rateFactor!));
      }
      const updateOne = beginStep();
      for (const [i, { weight, slots, weightDecay, rateFactor }] of places.entries()) {
        tf.tidy(() => {
          const learningRate = rates.get(rateFactor)!;
          const given = { weight, gradient: ordered[i]!, learningRate, weightDecay };
          const next = updateOne({ ...given, ...slots });
          for (const [slot, variable] of Object.entries<tf.Variable>(slots)) {
            variable.assign(next[slot as Slot]);
          }
          weight.assign(next.weight);
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
        const weights = places.map(({ weight }) => weight);
        const { value, grads } = tf.variableGrads(f, weights);
        update('minimize', grads, learningRate);
        return { value };
      });
    },
    getState() {
      checkAlive('getState');
      const copies = Object.entries(variables).map(([name, value]) => [name, tf.clone(value)]);
      return Object.fromEntries(copies);
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
