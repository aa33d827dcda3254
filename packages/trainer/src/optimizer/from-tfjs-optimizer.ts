import type { NamedVariables, Optimizer } from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs-core';

/** The variables that `run` makes. */
function madeBy(run: () => void): tf.Variable[] {
  const before = new Set(Object.keys(tf.engine().registeredVariables));
  run();
  return Object.entries(tf.engine().registeredVariables).flatMap(([name, variable]) =>
    before.has(name) ? [] : variable,
  );
}

/** Variables that an optimiser of tfjs keeps in its own fields, such as Adam's powers of beta. */
const ownVariables = (optimizer: tf.Optimizer) =>
  Object.values(optimizer).filter((value): value is tf.Variable => value instanceof tf.Variable);

/**
 * Makes an optimiser for `fit` of one of `tf.train`. The learning rate of each step takes the place of the optimiser's own: its step is
 * taken at rate 1 and then scaled. That is the same for every optimiser whose step is proportional to its rate: all of tfjs's
 * but `rmsprop` with momentum, whose velocity then holds steps without the rate, as in PyTorch.
 *
 * `create` is called once, with the learning rate 1. `parameters` are those of the network.
 *
 * @example
 * ```ts
 * import { fromTfjsOptimizer } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const weight = tf.variable(tf.ones([2]), true, 'weight');
 * const optimizer = fromTfjsOptimizer((rate) => tf.train.adam(rate), { weight });
 * ```
 */
export function fromTfjsOptimizer(
  create: (learningRate: number) => tf.Optimizer,
  parameters: NamedVariables,
): Optimizer {
  const targets = Object.values(parameters);
  const optimizer = create(1);
  const before = new Map(
    [...targets, ...ownVariables(optimizer)].map((variable) => [variable, variable.clone()]),
  );
  // A first step with gradients of zero makes the slots, which a graph must know as state from the beginning.
  const slots = madeBy(() =>
    tf.tidy(() => {
      const zeros = targets.map((variable) => [variable.name, tf.zerosLike(variable)] as const);
      optimizer.applyGradients(Object.fromEntries(zeros));
    }),
  );
  // tfjs's centred rmsprop divides by the root of a negative number when nothing moves.
  tf.tidy(() => {
    for (const slot of slots) slot.assign(tf.where(tf.isNaN(slot), tf.zerosLike(slot), slot));
  });
  for (const [variable, value] of before) {
    variable.assign(value);
    value.dispose();
  }
  const state = [...ownVariables(optimizer), ...slots];
  const stateNames = state.map((variable, i) => `${i}/${variable.shape.join('x')}`);
  return {
    parameters,
    applyGradients(gradients, learningRate) {
      tf.tidy(() => {
        const old = targets.map((variable) => variable.clone());
        optimizer.applyGradients(gradients);
        for (const [i, variable] of targets.entries()) {
          const step = tf.mul(tf.sub(variable, old[i]!), learningRate);
          variable.assign(tf.add(old[i]!, step));
        }
      });
    },
    getState: () =>
      Object.fromEntries(state.map((variable, i) => [stateNames[i]!, variable.clone()])),
    setState(given) {
      const missing = stateNames.filter((name) => !Object.hasOwn(given, name));
      if (missing.length > 0 || Object.keys(given).length !== state.length) {
        throw new Error(
          `setState: expected the ${state.length} tensors of this optimiser, got ${Object.keys(given).length}. Was the state saved for another one?`,
        );
      }
      for (const [i, variable] of state.entries()) variable.assign(given[stateNames[i]!]!);
    },
    dispose() {
      optimizer.dispose();
      // What tfjs forgets, such as the rate of momentum.
      for (const one of [...state, ...Object.values(optimizer)]) {
        if (one instanceof tf.Tensor && !one.isDisposed) one.dispose();
      }
    },
  };
}
