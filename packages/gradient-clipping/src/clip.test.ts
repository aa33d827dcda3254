import { readFileSync } from 'node:fs';
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { clipByGlobalNorm, clipByValue, globalNorm } from './index.ts';

/** Python's names of what JSON has no number for. */
type GoldenNumber = number | 'nan' | 'inf' | '-inf';
type Values = Record<string, GoldenNumber[]>;
interface Case {
  name: string;
  limit: number;
  gradients: Values;
  norm: GoldenNumber;
  byNorm: Values;
  byValue: Values;
}
const golden: { shapes: Record<string, number[]>; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch-clip.json', import.meta.url), 'utf8'),
);

const toNumber = (value: GoldenNumber): number =>
  typeof value === 'number' ? value : Number(value.replace('inf', 'Infinity'));

const toTensors = (values: Values): tf.NamedTensorMap =>
  Object.fromEntries(
    Object.entries(values).map(([name, data]) => [
      name,
      tf.tensor(data.map(toNumber), golden.shapes[name], 'float32'),
    ]),
  );

function expectValue(actual: number, golden: GoldenNumber): void {
  const expected = toNumber(golden);
  if (Number.isFinite(expected)) {
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
  } else expect(actual).toBe(expected);
}

function expectValues(actual: Record<string, ArrayLike<number>>, expected: Values): void {
  for (const [name, values] of Object.entries(expected)) {
    for (const [i, value] of values.entries()) expectValue(actual[name]![i]!, value);
  }
}

const read = (tensors: tf.NamedTensorMap) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync()]));

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe.each(['cpu', 'tensorflow'])('against PyTorch, on the backend %s', (backend) => {
  beforeAll(async () => {
    if (backend === 'tensorflow') await registerTensorFlowBackend();
    await tf.setBackend(backend);
  });

  test.each(golden.cases)('clip_grad_norm_ of gradients that are: $name', (one) => {
    const { gradients, norm } = clipByGlobalNorm(toTensors(one.gradients), { maxNorm: one.limit });
    expectValue(norm.dataSync()[0]!, one.norm);
    expectValues(read(gradients), one.byNorm);
  });

  test.each(golden.cases)('clip_grad_value_ of gradients that are: $name', (one) => {
    expectValues(read(clipByValue(toTensors(one.gradients), { maxValue: one.limit })), one.byValue);
  });
});

test('compiled, with the limit as an input, it equals PyTorch too', async () => {
  await registerTensorFlowBackend();
  const shapes = Object.entries(golden.shapes).map(([name, shape]) => [name, { shape }] as const);
  const clip = await compile(
    ({ maxNorm, ...given }) => {
      const { gradients, norm } = clipByGlobalNorm(given, { maxNorm: maxNorm as tf.Scalar });
      return { ...gradients, norm };
    },
    { inputs: { ...Object.fromEntries(shapes), maxNorm: { shape: [] } } },
  );
  for (const { gradients, limit, norm, byNorm } of golden.cases) {
    const numbers = Object.entries(gradients).map(([name, data]) => [name, data.map(toNumber)]);
    const results: Record<string, number | { values: ArrayLike<number> }> = await clip.run({
      ...Object.fromEntries(numbers),
      maxNorm: limit,
    });
    const values = Object.entries(results).map(([name, value]) => [
      name,
      typeof value === 'number' ? [value] : value.values,
    ]);
    expectValues(Object.fromEntries(values), { ...byNorm, norm: [norm] });
  }
  await clip.dispose();
});

describe('on the cpu backend', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('the norm after clipping is at most the limit, and a norm below it changes no bit', () => {
    const element = fc.float({ min: -1e3, max: 1e3, noNaN: true });
    const limits = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(element, { minLength: 1 }), element, limits, (a, b, maxNorm) => {
        tf.tidy(() => {
          const given = { a: tf.tensor1d(a), b: tf.scalar(b) };
          const { gradients, norm } = clipByGlobalNorm(given, { maxNorm });
          const after = globalNorm(gradients).dataSync()[0]!;
          expect(after).toBeLessThanOrEqual(maxNorm * (1 + 1e-6));
          if (norm.dataSync()[0]! + 1e-6 < maxNorm * (1 - 1e-6)) {
            expect(gradients.a!.dataSync()).toEqual(given.a.dataSync());
          }
        });
      }),
    );
  });

  test('reads no value, leaves the inputs alone and returns one tensor a gradient and the norm', () => {
    const given = { a: tf.ones([3]), b: tf.ones([2, 2]) };
    const before = tf.memory().numTensors;
    const reads = vi.spyOn(tf.backend(), 'readSync');
    const { gradients, norm } = clipByGlobalNorm(given, { maxNorm: 1 });
    const cut = clipByValue(given, { maxValue: 0.5 });
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
    expect(tf.memory().numTensors).toBe(before + 3 + 2);
    tf.dispose([gradients, norm, cut]);
    expect(Array.from(given.a.dataSync())).toEqual([1, 1, 1]);
    const unchanged = clipByGlobalNorm(given, { maxNorm: 100 });
    tf.dispose([unchanged.gradients, unchanged.norm]);
    expect(given.a.isDisposed).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[() => unknown, RegExp]>([
    [() => globalNorm({}), /globalNorm: expected at least one gradient, got none/],
    [() => clipByValue({ a: null as unknown as tf.Tensor }, { maxValue: 1 }), /'a' .* got null/],
    [() => clipByGlobalNorm({ a: tf.scalar(1, 'int32') }, { maxNorm: 1 }), /'a' .* got int32/],
    [() => clipByGlobalNorm({ a: tf.scalar(1) }, { maxNorm: 0 }), /maxNorm .* > 0, got 0/],
    [() => clipByGlobalNorm({ a: tf.scalar(1) }, { maxNorm: Number.NaN }), /got NaN/],
    [
      () =>
        clipByGlobalNorm({ a: tf.scalar(1) }, { maxNorm: tf.ones([2]) as tf.Tensor as tf.Scalar }),
      /got float32 of shape \[2\]/,
    ],
    [() => clipByValue({ a: tf.scalar(1) }, { maxValue: -1 }), /maxValue .* > 0, got -1/],
  ])('refuses what cannot be clipped: %s', (call, message) => {
    expect(call).toThrow(message);
  });
});
