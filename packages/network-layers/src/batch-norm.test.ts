import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BatchNormVariables, batchNorm } from './batch-norm.ts';

let variables: BatchNormVariables & {
  gamma: tf.Variable<tf.Rank.R1>;
  beta: tf.Variable<tf.Rank.R1>;
};
const X = [1, 10, 2, 20, 3, 30, 6, 60];
const input = () => tf.tensor4d(X, [2, 2, 1, 2]);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  const variable = (values: number[], trainable: boolean) =>
    tf.tidy(() => tf.variable(tf.tensor1d(values), trainable)) as tf.Variable<tf.Rank.R1>;
  variables = {
    gamma: variable([1, 2], true),
    beta: variable([0, 5], true),
    runningMean: variable([0, 1], false),
    runningVariance: variable([1, 4], false),
  };
});

afterEach(() => tf.dispose({ ...variables }));

function expectClose(actual: tf.Tensor, expected: number[]): void {
  for (const [index, value] of actual.dataSync().entries())
    expect(Math.abs(value - expected[index]!)).toBeLessThan(
      1e-5 * (1 + Math.abs(expected[index]!)),
    );
}

test('training normalises by the biased variance and remembers the unbiased one', () => {
  const y = tf.tidy(() => batchNorm(input(), variables, { training: true }));
  // Channel 0: mean 3, biased variance 3.5, unbiased 14/3. Channel 1: ten times the values.
  const normalised = [-2, -1, 0, 3].map((value) => value / Math.sqrt(3.5));
  expectClose(
    y,
    normalised.flatMap((value) => [value, 2 * value + 5]),
  );
  expectClose(variables.runningMean, [0.3, 0.9 + 3]);
  expectClose(variables.runningVariance, [0.9 + 0.1 * (14 / 3), 3.6 + 10 * (14 / 3)]);
  y.dispose();
});

test('evaluation normalises by the running statistics and leaves them alone', () => {
  const y = tf.tidy(() => batchNorm(input(), variables, { training: false }));
  expectClose(
    y,
    X.map((value, index) => (index % 2 === 0 ? value : (2 * (value - 1)) / 2 + 5)),
  );
  expectClose(variables.runningMean, [0, 1]);
  expectClose(variables.runningVariance, [1, 4]);
  y.dispose();
});

test('one value per channel has no variance to train on', () => {
  const run = () => tf.tidy(() => batchNorm(tf.ones([1, 1, 1, 2]), variables, { training: true }));
  expect(run).toThrow(
    'batchNorm: expected more than one value per channel when training, got shape [1,1,1,2].',
  );
  expectClose(variables.runningMean, [0, 1]);
});

test('a gradient step leaves only the gradients behind', () => {
  const x = input();
  const before = tf.memory().numTensors;
  const { value, grads } = tf.variableGrads(
    () => batchNorm(x, variables, { training: true }).square().mean() as tf.Scalar,
    [variables.gamma, variables.beta],
  );
  expect(tf.memory().numTensors).toBe(before + 3);
  tf.dispose([x, value, grads]);
});

describe('where a backend has FusedBatchNormV3', () => {
  const calls: unknown[] = [];

  beforeEach(() => {
    calls.length = 0;
    tf.registerKernel({
      kernelName: 'FusedBatchNormV3',
      backendName: 'cpu',
      kernelFunc: ({ inputs, attrs }) => {
        calls.push(attrs);
        const { x, scale, offset } = inputs as Record<string, tf.Tensor4D>;
        const y = tf.add(tf.mul(x!, scale!), offset!);
        return [y, tf.tensor1d([7, 8]), tf.tensor1d([9, 10])];
      },
    });
    tf.registerGradient({
      kernelName: 'FusedBatchNormV3',
      inputsToSave: ['x', 'scale'],
      gradFunc: (dy, [x, scale]) => {
        const [dOutput] = dy as tf.Tensor[];
        return {
          x: () => tf.mul(dOutput!, scale!),
          scale: () => tf.sum(tf.mul(dOutput!, x!), [0, 1, 2]),
          offset: () => tf.sum(dOutput!, [0, 1, 2]),
        };
      },
    });
  });

  afterEach(() => {
    tf.unregisterKernel('FusedBatchNormV3', 'cpu');
    tf.unregisterGradient('FusedBatchNormV3');
  });

  test('training calls it once, with epsilon 1e-5, and trusts its statistics', () => {
    const x = input();
    const { value, grads } = tf.variableGrads(
      () => batchNorm(x, variables, { training: true }).sum() as tf.Scalar,
      [variables.gamma, variables.beta],
    );
    expect(calls).toEqual([{ epsilon: 1e-5, training: true }]);
    expectClose(variables.runningMean, [0.7, 0.9 + 0.8]);
    expectClose(variables.runningVariance, [0.9 + 0.9, 3.6 + 1]);
    expectClose(grads[variables.gamma.name]!, [12, 120]);
    tf.dispose([x, value, grads]);
  });

  test('evaluation does not call it', () => {
    tf.tidy(() => batchNorm(input(), variables, { training: false }));
    expect(calls).toEqual([]);
  });
});
