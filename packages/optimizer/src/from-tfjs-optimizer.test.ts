import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeEach, expect, test } from 'vitest';
import { fromTfjsOptimizer } from './from-tfjs-optimizer.ts';

beforeEach(() => tf.setBackend('cpu'));

const weights = () =>
  tf.tidy(() => ({
    a: tf.variable(tf.tensor1d([1, -2, 0.5]), true),
    b: tf.variable(tf.tensor2d([[0.25, -0.75]]), true),
  }));

const gradientsOf = ({ a, b }: ReturnType<typeof weights>, step: number) => ({
  [a.name]: tf.sin(tf.add(tf.mul(a, 3), step)),
  [b.name]: tf.mul(tf.cos(tf.add(b, step)), 0.1),
});

const read = (variables: object): number[] =>
  (Object.values(variables) as tf.Variable[]).flatMap((one) => [...one.dataSync()]);

const rate = 0.05;
const creators: Readonly<Record<string, (rate: number) => tf.Optimizer>> = {
  sgd: (r) => tf.train.sgd(r),
  momentum: (r) => tf.train.momentum(r, 0.9),
  nesterov: (r) => tf.train.momentum(r, 0.9, true),
  adagrad: (r) => tf.train.adagrad(r),
  adadelta: (r) => tf.train.adadelta(r),
  adam: (r) => tf.train.adam(r),
  adamax: (r) => tf.train.adamax(r),
  rmsprop: (r) => tf.train.rmsprop(r),
  'centred rmsprop': (r) => tf.train.rmsprop(r, 0.9, 0, 1e-8, true),
};

test.each(Object.entries(creators))(
  "%s takes tfjs's own steps, and goes on from its state",
  (_, create) => {
    const before = tf.memory().numTensors;
    const [own, reference, later] = [weights(), weights(), weights()];
    const theirs = create(rate);
    const ours = fromTfjsOptimizer(create, own);
    expect(read(own)).toEqual(read(reference));
    const step = (optimizer: typeof ours, on: typeof own, k: number) =>
      tf.tidy(() => optimizer.applyGradients(gradientsOf(on, k), tf.scalar(rate)));
    for (let k = 0; k < 5; k++) {
      step(ours, own, k);
      tf.tidy(() => theirs.applyGradients(gradientsOf(reference, k)));
      read(own).forEach((value, i) => {
        expect(Math.abs(value - read(reference)[i]!)).toBeLessThan(1e-6);
      });
    }

    const resumed = fromTfjsOptimizer(create, later);
    later.a.assign(own.a);
    later.b.assign(own.b);
    const state = ours.getState();
    resumed.setState(state);
    for (let k = 5; k < 8; k++) {
      step(ours, own, k);
      step(resumed, later, k);
    }
    expect(read(later)).toEqual(read(own));
    tf.dispose(state);

    tf.dispose([own, reference, later]);
    theirs.dispose();
    for (const one of [ours, resumed]) one.dispose();
    // tfjs's own momentum keeps its rate.
    expect(tf.memory().numTensors - before).toBe(theirs.getClassName() === 'Momentum' ? 1 : 0);
  },
);

test("another optimiser's state is refused, and nothing is changed", () => {
  const variables = weights();
  const adam = fromTfjsOptimizer((r) => tf.train.adam(r), variables);
  const sgd = fromTfjsOptimizer((r) => tf.train.sgd(r), variables);
  const [before, state] = [adam.getState(), sgd.getState()];
  expect(() => adam.setState(state)).toThrow(/expected the \d+ tensors of this optimiser, got \d+/);
  const after = adam.getState();
  expect(read(after)).toEqual(read(before));
  tf.dispose([before, state, after, variables]);
  for (const one of [adam, sgd]) one.dispose();
});
