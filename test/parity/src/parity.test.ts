import { readdirSync, readFileSync } from 'node:fs';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { relativeError, summaryOf, worstError } from './compare.ts';
import { measure, type Tensors } from './measure.ts';
import { createModel } from './networks.ts';
import { pseudoImages, pseudoRandom, pseudoWeight } from './pseudo-random.ts';

type Size = readonly [batch: number, height: number, width: number];
type Summaries = Readonly<Record<string, readonly number[]>>;

interface Fixture {
  readonly name: string;
  readonly numClasses: number;
  readonly rates: readonly number[];
  readonly evaluated: readonly Size[];
  readonly trained: Size;
  readonly logits: readonly (readonly number[])[];
  /** How far rounding alone moves PyTorch's gradients: the worst tensor. */
  readonly rounding?: number;
  readonly loss: number;
  readonly losses: readonly number[];
  readonly gradients: Summaries;
  readonly buffers: Summaries;
}

const folder = new URL('../fixtures/', import.meta.url);
const fixtures: Fixture[] = readdirSync(folder).map((file) =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
);

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

const imagesOf = ([batch, height, width]: Size) =>
  tf.tensor4d(pseudoImages([batch, height, width, 3]), [batch, height, width, 3]);

const summaries = (tensors: Tensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [
      name,
      summaryOf(values, pseudoRandom(`dot ${name}`, values.length)),
    ]),
  );

async function run({ name, numClasses, evaluated, trained, rates, losses }: Fixture, as = name) {
  const model = createModel(as, { numClasses });
  const state = Object.fromEntries(
    Object.entries(await model.toStateDict()).map(([key, { shape }]) => [
      key,
      { shape, data: pseudoWeight(key, shape) },
    ]),
  );
  const [sizes, batch] = [evaluated.map(imagesOf), imagesOf(trained)];
  const steps = losses.length === 0 ? [] : rates;
  const result = measure(model, state, sizes, batch, steps);
  tf.dispose([sizes, batch]);
  model.dispose();
  return result;
}

/**
 * At these sizes an activation or two of some networks stands on the edge of a ReLU and falls on the other side in float32: there
 * the gradients of PyTorch's own float32, or of its float64 with inputs and weights rounded, are up to a fiftieth away, as
 * reference.py measured.
 */
const gradientBound = ({ rounding = 0 }: Fixture) => Math.max(1e-3, 3 * rounding);

const firstOf = (summary: ArrayLike<number>) => summary[0]!;

describe("equals timm's network of the same weights", () => {
  test.each(fixtures)('$name', { tags: ['slow'] }, async (golden) => {
    const before = tf.memory().numTensors;
    const result = await run(golden);
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, logits] of golden.logits.entries()) {
      expect(relativeError(result.logits[i]!, logits), 'logits').toBeLessThan(1e-4);
    }
    expect(Math.abs(result.loss / golden.loss - 1), 'loss').toBeLessThan(1e-3);
    for (const part of ['gradients', 'buffers'] as const) {
      const error = worstError(summaries(result[part]), golden[part], firstOf);
      expect(error, part).toBeLessThan(part === 'gradients' ? gradientBound(golden) : 1e-3);
    }
    if (golden.losses.length === 0) return;
    expect(relativeError(result.losses, golden.losses), 'ten steps').toBeLessThan(1e-3);
  });
});

test("the comparison tells TensorFlow's padding from PyTorch's, whose weights have the same names", {
  tags: ['slow'],
}, async () => {
  const golden = fixtures.find(({ name }) => name === 'tf_efficientnet_lite0')!;
  const result = await run(golden, 'efficientnet_lite0');
  expect(relativeError(result.logits[0]!, golden.logits[0]!)).toBeGreaterThan(1e-2);
  const error = worstError(summaries(result.gradients), golden.gradients, firstOf);
  expect(error).toBeGreaterThan(0.1);
});
