import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { relativeError } from '../test/support/compare.ts';
import { compile } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const optimizers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  adam: () => tf.train.adam(0.05),
  adamax: () => tf.train.adamax(0.05),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.5),
  rmsprop: () => tf.train.rmsprop(0.01),
  'centred rmsprop with momentum': () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true),
};

/** A small regression, always from the same weights. */
function regression(optimizer: tf.Optimizer) {
  const weight = tf.variable(tf.tensor2d([[0.5], [-0.25], [0.125]]));
  const bias = tf.variable(tf.zeros([1]));
  const step = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) =>
    tf.tidy(
      () =>
        optimizer.minimize(
          () =>
            tf.losses
              .meanSquaredError(y, tf.add(tf.matMul(x as tf.Tensor2D, weight), bias))
              .asScalar(),
          true,
          [weight, bias],
        )!,
    );
  return { weight, bias, step };
}

function batch(index: number) {
  const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(7 * index + i * i));
  const y = Float32Array.from({ length: 8 }, (_, i) => x[3 * i]! - 2 * x[3 * i + 1]! + 0.5);
  return { x, y };
}

describe('an optimiser of tfjs inside of fn does as it does eagerly', () => {
  test.each(Object.entries(optimizers))('%s', async (_, make) => {
    const [eager, traced] = [regression(make()), regression(make())];
    const compiled = await compile(traced.step, {
      inputs: { x: { shape: [8, 3] }, y: { shape: [8, 1] } },
    });
    const losses: number[] = [];
    for (let index = 0; index < 12; index++) {
      const { x, y } = batch(index);
      const loss = eager.step({ x: tf.tensor2d(x, [8, 3]), y: tf.tensor2d(y, [8, 1]) });
      const actual = await compiled.run({ x, y });
      losses.push(actual);
      expect(relativeError([actual], loss.dataSync())).toBeLessThan(1e-5);
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    await compiled.sync();
    expect(relativeError(traced.weight.dataSync(), eager.weight.dataSync())).toBeLessThan(1e-5);
    // After sync, the optimiser goes on eagerly with its state.
    const { x, y } = batch(99);
    const inputs = { x: tf.tensor2d(x, [8, 3]), y: tf.tensor2d(y, [8, 1]) };
    expect(
      relativeError(traced.step(inputs).dataSync(), eager.step(inputs).dataSync()),
    ).toBeLessThan(1e-5);
    expect(relativeError(traced.bias.dataSync(), eager.bias.dataSync())).toBeLessThan(1e-5);
    await compiled.dispose();
  });
});
