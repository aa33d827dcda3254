import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { setLearningRate } from '../tfjs.ts';

const optimizers: Record<string, (learningRate: number) => tf.Optimizer> = {
  sgd: (rate) => tf.train.sgd(rate),
  momentum: (rate) => tf.train.momentum(rate, 0.9),
  nesterov: (rate) => tf.train.momentum(rate, 0.9, true),
  adam: (rate) => tf.train.adam(rate),
  adamax: (rate) => tf.train.adamax(rate),
  adamaxDecay: (rate) => tf.train.adamax(rate, 0.9, 0.999, 1e-7, 0.1),
  rmsprop: (rate) => tf.train.rmsprop(rate),
  rmspropCentered: (rate) => tf.train.rmsprop(rate, 0.9, 0, 1e-4, true),
  adagrad: (rate) => tf.train.adagrad(rate),
  adadelta: (rate) => tf.train.adadelta(rate),
};

/** One update with a fixed gradient, so that two optimisers see the same whatever their weights are. */
function step(optimizer: tf.Optimizer, weight: tf.Variable): number[] {
  const before = weight.dataSync();
  tf.tidy(() => optimizer.applyGradients({ [weight.name]: tf.tensor1d([0.3, -1.2, 2]) }));
  return Array.from(weight.dataSync(), (value, i) => value - before[i]!);
}

/** A weight small enough for float32 to show the movement. */
const newWeight = () => tf.variable(tf.tensor1d([0, 0, 0]));

beforeAll(() => tf.setBackend('cpu'));

describe.each(Object.entries(optimizers))('%s', (_, make) => {
  test('the first update moves by the new rate, as if it had been built with it', () => {
    const [changedWeight, builtWeight] = [newWeight(), newWeight()];
    const changed = make(0.5);
    setLearningRate(changed, 0.01);
    const movement = step(changed, changedWeight);
    expect(movement).toEqual(step(make(0.01), builtWeight));
    expect(movement.every((change) => change !== 0)).toBe(true);
  });

  test('amid a run the next update moves by the new rate, with the moments kept', () => {
    const [weight, twinWeight] = [newWeight(), newWeight()];
    const [optimizer, twin] = [make(0.01), make(0.01)];
    for (let i = 0; i < 3; i++) {
      step(optimizer, weight);
      step(twin, twinWeight);
    }
    weight.assign(tf.zerosLike(weight));
    twinWeight.assign(tf.zerosLike(twinWeight));
    setLearningRate(optimizer, 0.03);
    const movement = step(optimizer, weight);
    step(twin, twinWeight).forEach((change, i) => {
      expect(change).not.toBe(0);
      expect(movement[i]! / change).toBeCloseTo(3, 5);
    });
  });

  test('at rate 0 the weights stand still', () => {
    const weight = newWeight();
    const optimizer = make(0.1);
    setLearningRate(optimizer, 0);
    expect(step(optimizer, weight).map(Math.abs)).toEqual([0, 0, 0]);
  });

  test('no tensor is left over, inside a tidy too, and the new rate is saved with the optimiser', () => {
    const optimizer = make(0.1);
    const weight = newWeight();
    step(optimizer, weight);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 10; i++) setLearningRate(optimizer, 0.1 / (i + 1));
    tf.tidy(() => setLearningRate(optimizer, 0.02));
    expect(tf.memory().numTensors).toBe(before);
    expect(step(optimizer, weight).every(Number.isFinite)).toBe(true);
    expect(optimizer.getConfig().learningRate).toBe(0.02);
  });
});

test('an optimiser of your own is set through its method', () => {
  const rates: number[] = [];
  const own = { setLearningRate: (rate: number) => rates.push(rate) };
  setLearningRate(own as unknown as tf.Optimizer, 0.3);
  expect(rates).toEqual([0.3]);
});

test('a rate out of range and an object without a rate are refused', () => {
  const optimizer = tf.train.adam(0.1);
  for (const rate of [-0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => setLearningRate(optimizer, rate)).toThrow(/learningRate to be a finite number/);
  }
  expect(optimizer.getConfig().learningRate).toBe(0.1);
  expect(() => setLearningRate({} as tf.Optimizer, 0.1)).toThrow(TypeError);
});
