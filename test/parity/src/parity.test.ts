import { readdirSync, readFileSync } from 'node:fs';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorOfLosses, relativeError, summaryOf, worstError } from './compare.ts';
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
  /** Biases that edges.py moved: index and value. */
  readonly moved: Readonly<Record<string, readonly (readonly [index: number, value: number])[]>>;
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
});

const imagesOf = ([batch, height, width]: Size) =>
  tf.tensor4d(pseudoImages([batch, height, width, 3]), [batch, height, width, 3]);

const summaries = (tensors: Tensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, values]) => [
      name,
      summaryOf(values, pseudoRandom(`dot ${name}`, values.length)),
    ]),
  );

async function run(golden: Fixture, as = golden.name) {
  const { numClasses, moved, evaluated, trained, rates } = golden;
  const model = createModel(as, { numClasses });
  const state = Object.fromEntries(
    Object.entries(await model.toStateDict()).map(([key, { shape }]) => {
      const data = pseudoWeight(key, shape);
      for (const [index, value] of moved[key] ?? []) data[index] = value;
      return [key, { shape, data }];
    }),
  );
  const [sizes, batch] = [evaluated.map(imagesOf), imagesOf(trained)];
  const result = measure(model, state, sizes, batch, rates);
  tf.dispose([sizes, batch]);
  model.dispose();
  return result;
}

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
      const error = worstError(summaries(result[part]), golden[part], { normOf: firstOf });
      expect(error, part).toBeLessThan(1e-3);
    }
    expect(errorOfLosses(result.losses, golden.losses), 'ten steps').toBeLessThan(1e-3);
  });
});

test("the comparison tells TensorFlow's padding from PyTorch's, whose weights have the same names", {
  tags: ['slow'],
}, async () => {
  const golden = fixtures.find(({ name }) => name === 'tf_efficientnet_lite0')!;
  const result = await run(golden, 'efficientnet_lite0');
  expect(relativeError(result.logits[0]!, golden.logits[0]!)).toBeGreaterThan(1e-2);
  const error = worstError(summaries(result.gradients), golden.gradients, { normOf: firstOf });
  expect(error).toBeGreaterThan(0.1);
});
