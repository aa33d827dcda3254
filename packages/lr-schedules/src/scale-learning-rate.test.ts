import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaleLearningRate } from './index.ts';

test("the paper's 0.1 at batch 256 becomes 0.4 at batch 1024", () => {
  expect(scaleLearningRate(0.1, { batchSize: 1024 })).toBe(0.4);
  expect(scaleLearningRate(0.1, { batchSize: 256 })).toBe(0.1);
  expect(scaleLearningRate(0.1, { batchSize: 64 })).toBe(0.025);
});

test('it is a product: the rate for one image is the same at every batch size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 65536 }),
      fc.integer({ min: 1, max: 4096 }),
      (batchSize, baseBatchSize) => {
        const rate = scaleLearningRate(0.1, { batchSize, baseBatchSize });
        expect(rate / batchSize).toBeCloseTo(0.1 / baseBatchSize, 12);
      },
    ),
  );
});

test('sizes that are not whole batches are refused', () => {
  for (const batchSize of [0, -256, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => scaleLearningRate(0.1, { batchSize })).toThrow(/batchSize to be an integer >= 1/);
    expect(() => scaleLearningRate(0.1, { batchSize: 1, baseBatchSize: batchSize })).toThrow(
      /baseBatchSize to be an integer >= 1/,
    );
  }
  expect(() => scaleLearningRate(-0.1, { batchSize: 1 })).toThrow(/base to be a finite number/);
});
