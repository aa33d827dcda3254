import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { permutation, sampleBeta, seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { mixup } from './mixup.ts';

interface Golden {
  reference: string;
  lambda: number;
  inputs: number[][][][];
  labels: number[][];
  mixedInputs: number[][][][];
  mixedLabels: number[][];
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/mixup.json', import.meta.url), 'utf8'),
);

function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-6): void {
  expect(actual.shape).toEqual(expected.shape);
  const distance = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!;
  expect(distance).toBeLessThan(tolerance);
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  tf.engine().startScope();
  return () => {
    tf.engine().endScope();
    vi.restoreAllMocks();
  };
});

describe('golden', () => {
  test.each(golden)('equals $reference at lambda $lambda, images and labels', (example) => {
    const { inputs, labels, lambda } = example;
    const mixed = mixup(tf.tensor4d(inputs), tf.tensor2d(labels), { lambda });
    expectClose(mixed.inputs, tf.tensor4d(example.mixedInputs));
    expectClose(mixed.labels, tf.tensor2d(example.mixedLabels));
    expect(mixed.lambda).toBe(lambda);
  });

  test('a scalar tensor as lambda gives the same and is handed back', () => {
    const { inputs, labels, lambda, mixedInputs, mixedLabels } = golden[0]!;
    const scalar = tf.scalar(lambda);
    const mixed = mixup(tf.tensor4d(inputs), tf.tensor2d(labels), { lambda: scalar });
    expectClose(mixed.inputs, tf.tensor4d(mixedInputs));
    expectClose(mixed.labels, tf.tensor2d(mixedLabels));
    expect(mixed.lambda).toBe(scalar);
  });
});

describe('partners', () => {
  const x = () => tf.tensor1d([10, 20, 30]);
  const y = () =>
    tf.tensor2d([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);

  test('a permutation given as array, typed array or tensor names the partner of each example', () => {
    const orders = [[1, 2, 0], Int32Array.of(1, 2, 0), tf.tensor1d([1, 2, 0], 'int32')];
    for (const order of orders) {
      const mixed = mixup(x(), y(), { lambda: 0.75, permutation: order });
      expectClose(mixed.inputs, tf.tensor1d([12.5, 22.5, 25]));
      expectClose(
        mixed.labels,
        tf.tensor2d([
          [0.75, 0.25, 0],
          [0, 0.75, 0.25],
          [0.25, 0, 0.75],
        ]),
      );
    }
  });

  test('the reversed permutation is the default', () => {
    const byIndex = mixup(x(), y(), { lambda: 0.3, permutation: [2, 1, 0] });
    const byDefault = mixup(x(), y(), { lambda: 0.3 });
    expectClose(byDefault.inputs, byIndex.inputs, 1e-12);
    expectClose(byDefault.labels, byIndex.labels, 1e-12);
  });

  test.each([
    [[0, 1]],
    [[0, 1, 3]],
    [[0, 1, 1]],
    [[0, 1, 0.5]],
    [[0, 1, -1]],
    [[0, 1, Number.NaN]],
  ])('refuses the permutation %j of three', (order) => {
    expect(() => mixup(x(), y(), { lambda: 0.5, permutation: order })).toThrow(
      /^mixup: expected permutation to hold each of 0 to 2 once/,
    );
  });

  test('refuses a permutation tensor of another dtype or shape', () => {
    for (const order of [tf.tensor1d([2, 1, 0]), tf.tensor1d([1, 0], 'int32')]) {
      expect(() => mixup(x(), y(), { lambda: 0.5, permutation: order })).toThrow(
        /expected a permutation tensor of dtype int32 and shape \[3\]/,
      );
    }
  });
});

describe('properties', () => {
  const batchOf = fc.record({
    batch: fc.integer({ min: 1, max: 9 }),
    shape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
    lambda: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
  });

  test('rows of labels sum to 1, the mean of the batch stays, any rank keeps its shape', () => {
    fc.assert(
      fc.property(batchOf, ({ batch, shape, lambda, seed }) => {
        tf.tidy(() => {
          const x = tf.randomUniform([batch, ...shape], -1, 1, 'float32', seed);
          const y = tf.softmax(tf.randomUniform([batch, 4], -3, 3, 'float32', seed)) as tf.Tensor2D;
          const order = permutation(batch, seededRandom(seed));
          const mixed = mixup(x, y, { lambda, permutation: order });
          expect(mixed.inputs.shape).toEqual(x.shape);
          expectClose(tf.sum(mixed.labels, 1), tf.ones([batch]));
          expectClose(tf.mean(mixed.inputs, 0), tf.mean(x, 0));
          expectClose(tf.mean(mixed.labels, 0), tf.mean(y, 0));
        });
      }),
    );
  });

  test('lambda 1 leaves the batch as it is and lambda 0 gives the partners, exactly', () => {
    const x = tf.randomNormal([5, 3]);
    const y = tf.oneHot([0, 1, 2, 3, 0], 4);
    const same = mixup(x, y, { lambda: 1 });
    const partners = mixup(x, y, { lambda: 0 });
    expect(same.inputs.arraySync()).toEqual(x.arraySync());
    expect(same.labels.arraySync()).toEqual(y.arraySync());
    expect(partners.inputs.arraySync()).toEqual(tf.reverse(x, 0).arraySync());
    expect(partners.labels.arraySync()).toEqual(tf.reverse(y, 0).arraySync());
  });

  test('a batch of one and the middle of an odd batch stay as they are', () => {
    const one = mixup(tf.tensor2d([[3, 4]]), tf.tensor2d([[0, 1]]), { lambda: 0.3 });
    expectClose(one.inputs, tf.tensor2d([[3, 4]]));
    const three = mixup(tf.tensor1d([1, 5, 9]), tf.eye(3), { lambda: 0.3 });
    expect(three.inputs.dataSync()[1]).toBeCloseTo(5, 6);
  });
});

describe('drawing lambda', () => {
  const x = () => tf.tensor1d([1, 2]);
  const y = () => tf.eye(2);

  test('draws one Beta(alpha, alpha) number a call, 0.2 by default', () => {
    const expected = seededRandom(4);
    const random = seededRandom(4);
    expect(mixup(x(), y(), { random }).lambda).toBe(sampleBeta(0.2, 0.2, expected));
    expect(mixup(x(), y(), { alpha: 3, random }).lambda).toBe(sampleBeta(3, 3, expected));
    expect(random()).toBe(expected());
  });

  test('a given lambda draws nothing', () => {
    const random = () => {
      throw new Error('drawn');
    };
    expect(mixup(x(), y(), { lambda: 0.4, random }).lambda).toBe(0.4);
  });

  test('alpha 0 is no mixing: lambda 1, no generator needed', () => {
    expect(mixup(x(), y(), { alpha: 0 }).lambda).toBe(1);
  });

  test('without lambda and without random the error says what to pass', () => {
    expect(() => mixup(x(), y())).toThrow(
      'mixup: expected random, because no lambda was given, got undefined. Pass random: seededRandom(seed), or lambda.',
    );
  });

  test.each([-0.2, Number.NaN, Infinity])('refuses alpha %s', (alpha) => {
    expect(() => mixup(x(), y(), { alpha, random: seededRandom(0) })).toThrow(
      /^mixup: expected alpha to be a finite number >= 0/,
    );
  });

  test.each([-0.01, 1.01, Number.NaN])('refuses lambda %s', (lambda) => {
    expect(() => mixup(x(), y(), { lambda })).toThrow(
      /^mixup: expected lambda to be a number from 0/,
    );
  });

  test('refuses a lambda tensor that is not one float', () => {
    for (const lambda of [tf.tensor1d([0.5]), tf.scalar(1, 'int32')]) {
      expect(() => mixup(x(), y(), { lambda: lambda as tf.Scalar })).toThrow(/a float32 scalar/);
    }
  });
});

describe('input', () => {
  test('int32 pixels and int32 one-hot labels are cast to float32', () => {
    const mixed = mixup(tf.tensor2d([[255], [0]], [2, 1], 'int32'), tf.oneHot([0, 1], 2), {
      lambda: 0.25,
    });
    expect(mixed.inputs.dtype).toBe('float32');
    expectClose(mixed.inputs, tf.tensor2d([[63.75], [191.25]]), 1e-4);
    expectClose(
      mixed.labels,
      tf.tensor2d([
        [0.25, 0.75],
        [0.75, 0.25],
      ]),
    );
  });

  test('class indices are refused with the way out', () => {
    const x = tf.zeros([2, 3]);
    for (const indices of [
      tf.tensor1d([0, 1], 'int32'),
      tf.tensor2d([[0], [1]], [2, 1], 'int32'),
    ]) {
      expect(() => mixup(x, indices, { lambda: 0.5 })).toThrow(
        /Call tf\.oneHot\(labels, classes\)/,
      );
    }
  });

  test('shapes that do not fit, scalars, empty batches and other dtypes are refused', () => {
    const y = tf.eye(2);
    const mix = (x: tf.Tensor, labels: tf.Tensor) => () => mixup(x, labels, { lambda: 0.5 });
    expect(mix(tf.zeros([3, 2]), y)).toThrow(
      /expected labels of shape \[3, classes\].*got \[2,2\]/,
    );
    expect(mix(tf.zeros([2]), tf.zeros([2, 2, 2]))).toThrow(/expected labels of shape/);
    expect(mix(tf.scalar(1), y)).toThrow(/expected inputs of shape \[batch, \.\.\.\]/);
    expect(mix(tf.zeros([0, 2]), tf.zeros([0, 2]))).toThrow(/with at least one example/);
    expect(mix(tf.zeros([2], 'bool'), y)).toThrow(
      /expected inputs of dtype float32 or int32, got bool/,
    );
    expect(mix(tf.zeros([2]), tf.zeros([2, 2], 'bool'))).toThrow(/expected labels of dtype/);
  });
});

describe('tensors', () => {
  test('a call makes exactly its two results and disposes no input', () => {
    const x = tf.zeros([4, 3]);
    const y = tf.oneHot([0, 1, 2, 3], 4);
    const lambda = tf.scalar(0.3);
    const order = tf.tensor1d([3, 0, 1, 2], 'int32');
    const before = tf.memory().numTensors;
    mixup(x, y, { lambda: 0.3 });
    expect(tf.memory().numTensors).toBe(before + 2);
    mixup(x, y, { lambda, permutation: order });
    expect(tf.memory().numTensors).toBe(before + 4);
    expect([x, y, lambda, order].some((tensor) => tensor.isDisposed)).toBe(false);
  });

  test('a call that throws leaves no tensor behind', () => {
    const x = tf.zeros([2]);
    const y = tf.eye(2);
    const before = tf.memory().numTensors;
    expect(() => mixup(x, y, { lambda: 0.5, permutation: [0, 0] })).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('reads no tensor, so a step that holds it can be compiled', () => {
    const x = tf.zeros([2, 3]);
    const y = tf.eye(2);
    const lambda = tf.scalar(0.3);
    const order = tf.tensor1d([1, 0], 'int32');
    const reads = vi.spyOn(tf.engine(), 'readSync');
    mixup(x, y, { lambda, permutation: order });
    expect(reads).not.toHaveBeenCalled();
    lambda.dataSync();
    expect(reads).toHaveBeenCalledOnce();
  });
});
