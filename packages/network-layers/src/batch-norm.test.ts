import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BatchNormVariables, batchNorm, withSharedStatistics } from './batch-norm.ts';

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

describe('with shared statistics', () => {
  const weights = tf.tensor4d([3, -1, 2, 1, -2, 4, 1, 1], [2, 2, 1, 2]);
  const loss = (y: tf.Tensor, w: tf.Tensor) => tf.mean(tf.mul(w, tf.square(y)));
  const half = (tensor: tf.Tensor4D, rank: number) => tf.slice(tensor, rank, 1);

  /** The gradient of a rank's images, and what it sent, first forwards and then backwards, when the other rank sends `theirs`. */
  function asRank(rank: number, theirs: readonly number[][]) {
    const sent: number[][] = [];
    const mean = (values: tf.Tensor1D): tf.Tensor1D => {
      const other = theirs[sent.length] ?? [0, 0, 0, 0];
      sent.push(Array.from(values.dataSync()));
      return tf.div(tf.add(values, other), 2);
    };
    const gradient = tf.tidy(() => {
      const score = (x: tf.Tensor) =>
        loss(batchNorm(x as tf.Tensor4D, variables, { training: true }), half(weights, rank));
      const x = half(input(), rank);
      return withSharedStatistics({ size: 2, mean }, () => tf.grad(score)(x)).dataSync();
    });
    return { sent, gradient };
  }

  test('two processes have the statistics and the gradients of one with both halves', () => {
    const whole = tf.tidy(() => {
      const score = (x: tf.Tensor) =>
        loss(batchNorm(x as tf.Tensor4D, variables, { training: true }), weights);
      return tf.grad(score)(input()).dataSync();
    });
    const statistics = [variables.runningMean, variables.runningVariance].map((v) =>
      Array.from(v.dataSync()),
    );
    const fresh = () => {
      variables.runningMean.assign(tf.tensor1d([0, 1]));
      variables.runningVariance.assign(tf.tensor1d([1, 4]));
    };
    tf.tidy(fresh);
    const [{ sent: first }] = [asRank(0, [])];
    tf.tidy(fresh);
    const second = asRank(1, first);
    tf.tidy(fresh);
    const { gradient } = asRank(0, second.sent);
    expectClose(variables.runningMean, statistics[0]!);
    expectClose(variables.runningVariance, statistics[1]!);
    // The mean loss of both ranks is that of the whole batch, so each rank's own gradient is twice as large.
    for (const [i, value] of gradient.entries()) expect(value / 2).toBeCloseTo(whole[i]!, 5);
  });

  test('variances of values far from zero keep their digits, and of equal ones they are 0', () => {
    const far = tf.tidy(() => {
      variables.runningMean.assign(tf.tensor1d([4000, 4000]));
      const x = tf.add(4000, tf.mul(0.01, input()));
      const share = { size: 1, mean: (values: tf.Tensor1D) => tf.clone(values) };
      return withSharedStatistics(share, () =>
        batchNorm(x as tf.Tensor4D, variables, { training: true }),
      ).arraySync();
    });
    // 0.01 is 41 units in the last place of 4000.
    expect(far.flat(2)[3]![0]).toBeCloseTo(3 / Math.sqrt(3.5 + 1e-5 / 1e-4), 1);
    expect(far.flat(3).every(Number.isFinite)).toBe(true);
  });
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
