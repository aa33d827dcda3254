import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SmoothingForm, smoothLabels } from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

function expectRows(actual: tf.Tensor2D, expected: readonly (readonly number[])[], digits = 6) {
  expect(actual.shape).toEqual([expected.length, expected[0]!.length]);
  expect(actual.dtype).toBe('float32');
  const values = actual.arraySync();
  expected.forEach((row, i) => {
    row.forEach((value, k) => {
      expect(values[i]![k]).toBeCloseTo(value, digits);
    });
  });
}

const classes = tf.tensor1d([2, 0], 'int32');
const oneHot = [
  [0, 0, 1, 0],
  [1, 0, 0, 0],
];
const uniform = [
  [0.025, 0.025, 0.925, 0.025],
  [0.925, 0.025, 0.025, 0.025],
];
const paper = [
  [0.1 / 3, 0.1 / 3, 0.9, 0.1 / 3],
  [0.9, 0.1 / 3, 0.1 / 3, 0.1 / 3],
];

describe.each([
  ['uniform', uniform],
  ['paper', paper],
] as [SmoothingForm, number[][]][])('%s', (form, expected) => {
  test('class numbers and one-hot labels of any dtype give the same targets', () => {
    expectRows(smoothLabels(classes, { form, numClasses: 4 }), expected);
    for (const dtype of ['int32', 'float32', 'bool'] as const) {
      expectRows(smoothLabels(tf.tensor2d(oneHot, [2, 4], dtype), { form }), expected);
    }
  });

  test('smoothing before mixing equals smoothing after it', () => {
    fc.assert(
      fc.property(
        fc.float({ min: 0, max: 1, noNaN: true }),
        fc.float({ min: 0, max: Math.fround(0.99), noNaN: true }),
        (lambda, epsilon) => {
          const labels = tf.tensor2d(oneHot);
          const mix = (y: tf.Tensor2D) =>
            tf.add<tf.Tensor2D>(tf.mul(y, lambda), tf.mul(tf.reverse(y, 0), 1 - lambda));
          const after = smoothLabels(mix(labels), { form, epsilon });
          expectRows(mix(smoothLabels(labels, { form, epsilon })), after.arraySync(), 5);
        },
      ),
    );
  });

  test('rows of soft labels still sum to one, and epsilon 0 leaves them as they are', () => {
    const soft = tf.tensor2d(golden.soft as number[][]);
    for (const epsilon of [0, 0.1, 0.5, 0.99]) {
      const sums = tf.sum(smoothLabels(soft, { form, epsilon }), 1).dataSync();
      for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
    }
    expectRows(smoothLabels(soft, { form, epsilon: 0 }), soft.arraySync(), 7);
  });

  test('one tensor is left, the result, and the labels are not disposed', () => {
    const dense = tf.tensor2d(oneHot, [2, 4], 'int32');
    const before = tf.memory().numTensors;
    smoothLabels(dense, { form });
    smoothLabels(classes, { form, numClasses: 4 });
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(dense.isDisposed || classes.isDisposed).toBe(false);
  });
});

test("the paper's targets of one-hot and of mixed labels equal the formula in numpy", () => {
  expectRows(
    smoothLabels(tf.tensor1d(golden.classes, 'int32'), { form: 'paper', numClasses: 7 }),
    golden.paperTargets.classes,
  );
  expectRows(
    smoothLabels(tf.tensor2d(golden.mixed as number[][]), { form: 'paper' }),
    golden.paperTargets.mixed,
  );
});

test('paper at epsilon equals uniform at epsilon * K / (K - 1)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.double({ min: 0, max: 0.49, noNaN: true }),
      (numClasses, epsilon) => {
        const labels = tf.tensor1d([numClasses - 1, 0], 'int32');
        const same = smoothLabels(labels, {
          numClasses,
          epsilon: (epsilon * numClasses) / (numClasses - 1),
        });
        expectRows(
          smoothLabels(labels, { form: 'paper', numClasses, epsilon }),
          same.arraySync(),
          5,
        );
      },
    ),
  );
});

test('class numbers are smoothed on wasm too, whose oneHot knows whole numbers only', async () => {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  expectRows(smoothLabels(tf.tensor1d([2, 0], 'int32'), { numClasses: 4 }), uniform);
  await tf.setBackend('cpu');
});

test('a batch of one and two classes are enough', () => {
  const labels = tf.tensor1d([1], 'int32');
  expectRows(smoothLabels(labels, { numClasses: 2 }), [[0.05, 0.95]]);
  expectRows(smoothLabels(labels, { numClasses: 2, form: 'paper' }), [[0.1, 0.9]]);
});

test('epsilon outside [0, 1) is refused by value', () => {
  for (const epsilon of [-0.1, 1, 1.5, Number.NaN]) {
    expect(() => smoothLabels(classes, { epsilon, numClasses: 4 })).toThrow(
      new RangeError(
        `smoothLabels: expected 0 <= epsilon < 1, got ${epsilon}. The paper uses 0.1; 0 turns smoothing off.`,
      ),
    );
  }
});

test('labels that are neither class numbers nor rows are refused', () => {
  expect(() => smoothLabels(classes)).toThrow(/expected numClasses/);
  expect(() => smoothLabels(tf.tensor1d([1, 2]), { numClasses: 4 })).toThrow(TypeError);
  expect(() => smoothLabels(tf.tensor3d([[[1]]]))).toThrow(/got float32 \[1,1,1\]/);
  expect(() => smoothLabels(tf.scalar(1, 'int32'), { numClasses: 4 })).toThrow(TypeError);
});

test('class counts that do not fit are refused', () => {
  for (const numClasses of [1, 0, -3, 2.5, Number.NaN]) {
    expect(() => smoothLabels(classes, { numClasses })).toThrow(/at least 2 classes/);
  }
  expect(() => smoothLabels(tf.tensor2d([[1]]))).toThrow(/at least 2 classes, got 1/);
  expect(() => smoothLabels(tf.tensor2d(oneHot), { numClasses: 5 })).toThrow(
    /width of labels \[2,4\], got 5/,
  );
});

test('an unknown form is refused', () => {
  // @ts-expect-error a form that does not exist
  expect(() => smoothLabels(classes, { form: 'gluon', numClasses: 4 })).toThrow(TypeError);
});
