import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  type SmoothedSoftmaxCrossEntropyOptions,
  smoothedSoftmaxCrossEntropy,
  smoothLabels,
} from './index.ts';

interface Case {
  loss: number | number[];
  gradient: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** Without the overloads, for loops over all reductions. */
const lossOf = smoothedSoftmaxCrossEntropy as (
  labels: tf.Tensor,
  logits: tf.Tensor,
  options?: SmoothedSoftmaxCrossEntropyOptions,
) => tf.Tensor;

function expectCase(
  labels: tf.Tensor,
  logits: number[][],
  options: SmoothedSoftmaxCrossEntropyOptions,
  { loss, gradient }: Case,
): void {
  const z = tf.tensor2d(logits);
  const actual = [...lossOf(labels, z, options).dataSync()];
  [loss].flat().forEach((value, i) => {
    expect(Math.abs(actual[i]! / value - 1)).toBeLessThan(2e-6);
  });
  expect(actual.length).toBe([loss].flat().length);
  const actualGradient = tf
    .grad((x) => tf.sum(lossOf(labels, x, options)))(z)
    .dataSync();
  gradient.flat().forEach((value, i) => {
    expect(actualGradient[i]).toBeCloseTo(value, 6);
  });
}

const classes = () => tf.tensor1d(golden.classes as number[], 'int32');
const rows = (name: string) => tf.tensor2d(golden[name] as number[][]);

describe("equals PyTorch's CrossEntropyLoss(label_smoothing), loss and gradient", () => {
  for (const reduction of ['mean', 'sum', 'none'] as const) {
    test.each([0, 0.1, 0.6])(`reduction ${reduction}, epsilon %d`, (epsilon) => {
      const reference = golden.pytorch[`${reduction}-${epsilon.toFixed(1)}`];
      expectCase(classes(), golden.logits, { epsilon, reduction }, reference);
    });
  }

  test('on soft labels', () => {
    expectCase(rows('soft'), golden.logits, {}, golden.pytorchSoft);
  });

  test('on logits of tens of thousands', () => {
    expectCase(classes(), golden.large.logits, {}, golden.large);
  });
});

test("equals timm's LabelSmoothingCrossEntropy and SoftTargetCrossEntropy", () => {
  expectCase(classes(), golden.logits, {}, golden.timmSparse);
  expectCase(rows('soft'), golden.logits, { epsilon: 0 }, golden.timmSoft);
  expectCase(rows('mixed'), golden.logits, { epsilon: 0 }, golden.timmMixed);
});

test("the paper's form equals timm's soft cross-entropy on the paper's targets", () => {
  expectCase(classes(), golden.logits, { form: 'paper' }, golden.paper);
});

test('the gradient of the mean is (softmax(z) - q) / batch, and finite differences agree', () => {
  const labels = rows('mixed');
  const z = rows('logits');
  const gradient = tf.grad((x) => smoothedSoftmaxCrossEntropy(labels, x))(z);
  const formula = tf.div(tf.sub(tf.softmax(z), smoothLabels(labels)), z.shape[0]);
  expect(tf.max(tf.abs(tf.sub(gradient, formula))).dataSync()[0]).toBeLessThan(1e-7);

  const h = 1 / 64;
  const values = gradient.dataSync();
  for (const i of [0, 8, 16, 24, 41]) {
    const shift = tf.oneHot(tf.scalar(i, 'int32'), z.size, h, 0, 'float32').reshape(z.shape);
    const above = smoothedSoftmaxCrossEntropy(labels, tf.add(z, shift)).dataSync()[0]!;
    const below = smoothedSoftmaxCrossEntropy(labels, tf.sub(z, shift)).dataSync()[0]!;
    expect((above - below) / (2 * h)).toBeCloseTo(values[i]!, 4);
  }
});

test('at K = 1000 and epsilon 0.1 the best true logit stands 9.104 above the others', () => {
  const gap = Math.log((999 * 0.9) / 0.1);
  expect(gap).toBeCloseTo(9.104, 3);
  const labels = tf.tensor1d([7], 'int32');
  const at = (height: number) => tf.oneHot(labels, 1000, height, 0, 'float32');
  const gradientSize = (height: number) =>
    tf
      .max(
        tf.abs(
          tf.grad((z) => smoothedSoftmaxCrossEntropy(labels, z, { form: 'paper' }))(at(height)),
        ),
      )
      .dataSync()[0]!;
  expect(gradientSize(gap)).toBeLessThan(1e-6);
  expect(gradientSize(gap - 0.05)).toBeGreaterThan(1e-3);
  expect(gradientSize(gap + 0.05)).toBeGreaterThan(1e-3);
});

test('the loss does not change when a row of logits is shifted, by however much', () => {
  const labels = classes();
  const loss = smoothedSoftmaxCrossEntropy(labels, rows('logits')).dataSync()[0]!;
  fc.assert(
    fc.property(fc.integer({ min: -4096, max: 4096 }), (shift) => {
      const shifted = smoothedSoftmaxCrossEntropy(labels, tf.add(rows('logits'), shift));
      expect(Math.abs(shifted.dataSync()[0]! / loss - 1)).toBeLessThan(1e-3);
    }),
  );
});

test('logits at the edge of float32 give finite losses and gradients', () => {
  const z = tf.tensor2d([
    [1e38, -1e38, 0],
    [88.8, 88.9, -104],
  ]);
  const labels = tf.tensor1d([0, 2], 'int32');
  const loss = (x: tf.Tensor) => smoothedSoftmaxCrossEntropy(labels, x, { reduction: 'sum' });
  expect(Number.isFinite(loss(z).dataSync()[0]!)).toBe(true);
  expect([...tf.grad(loss)(z).dataSync()].every(Number.isFinite)).toBe(true);
});

test('no gradient flows into the labels', () => {
  const z = rows('logits');
  const both = tf.grad((x) => smoothedSoftmaxCrossEntropy(tf.softmax(tf.mul(x, 2)), x));
  const constant = tf.softmax(tf.mul(z, 2));
  const alone = tf.grad((x) => smoothedSoftmaxCrossEntropy(constant, x));
  expect(both(z).arraySync()).toEqual(alone(z).arraySync());
});

test('the result alone is left, for every reduction, and after a gradient that too', () => {
  const [labels, z] = [classes(), rows('logits')];
  for (const reduction of ['mean', 'sum', 'none'] as const) {
    const before = tf.memory().numTensors;
    expect(lossOf(labels, z, { reduction }).shape).toEqual(reduction === 'none' ? [6] : []);
    expect(tf.memory().numTensors).toBe(before + 1);
    const weight = tf.variable(z);
    const { value, grads } = tf.variableGrads(
      () => tf.sum(lossOf(labels, weight, { reduction })) as tf.Scalar,
      [weight],
    );
    tf.dispose([value, grads, weight]);
    expect(tf.memory().numTensors).toBe(before + 1);
  }
  expect(labels.isDisposed || z.isDisposed).toBe(false);
});

test('shapes that do not fit are refused, with both shapes', () => {
  const z = rows('logits');
  expect(() => smoothedSoftmaxCrossEntropy(tf.tensor1d([1, 2], 'int32'), z)).toThrow(
    new RangeError(
      'smoothedSoftmaxCrossEntropy: expected labels for logits [6,7], got labels [2]. Labels come before logits, one row each.',
    ),
  );
  expect(() => smoothedSoftmaxCrossEntropy(tf.zeros([6, 8]), z)).toThrow(/labels \[6,8\]/);
  expect(() => smoothedSoftmaxCrossEntropy(z, classes())).toThrow(/logits of shape .* got \[6\]/);
  expect(() => smoothedSoftmaxCrossEntropy(classes(), tf.zeros([6, 1]))).toThrow(
    /at least 2 classes/,
  );
  expect(() => smoothedSoftmaxCrossEntropy(tf.zeros([6]), z)).toThrow(TypeError);
});

test('the type says whether a scalar or one loss a row comes back', () => {
  const [labels, z] = [classes(), rows('logits')];
  expectTypeOf(smoothedSoftmaxCrossEntropy(labels, z)).toEqualTypeOf<tf.Scalar>();
  const losses = smoothedSoftmaxCrossEntropy(labels, z, { reduction: 'none' });
  expectTypeOf(losses).toEqualTypeOf<tf.Tensor1D>();
  expect(losses.rank).toBe(1);
});

test('options out of range are refused', () => {
  const [labels, z] = [classes(), rows('logits')];
  expect(() => smoothedSoftmaxCrossEntropy(labels, z, { epsilon: 1 })).toThrow(RangeError);
  // @ts-expect-error a reduction that does not exist
  expect(() => smoothedSoftmaxCrossEntropy(labels, z, { reduction: 'batchmean' })).toThrow(
    /reduction to be 'mean', 'sum' or 'none', got "batchmean"/,
  );
});
