import { expect, test } from 'vitest';
import type { Batch } from '../loader/batch.ts';
import { checkedDataset } from './checked-dataset.ts';
import type { Dataset } from './dataset.ts';

const batch: Batch = {
  images: new Uint8Array(2 * 3 * 3),
  labels: Int32Array.of(0, 1),
  size: 2,
};

/** Two classes of grey 3x3 images, whose only batch is `given`. */
function dataset(given: Partial<Batch> = {}): Dataset {
  const batches = [{ ...batch, ...given }];
  return {
    name: 'mine',
    imageShape: [3, 3, 1],
    classNames: ['a', 'b'],
    mean: [128],
    std: [40],
    trainSize: 2,
    evalSize: 2,
    colorVariation: null,
    trainBatches: () => batches,
    evalBatches: () => batches,
    close: async () => {},
  };
}

const part = { epoch: 0, firstStep: 0, stepsPerEpoch: 1, batchSize: 2, seed: 1 };

async function first(batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<Batch> {
  for await (const one of batches) return one;
  throw new Error('expected a batch');
}

test('batches that fit come through as they are', async () => {
  const data = checkedDataset(dataset());
  expect(await first(data.trainBatches(part))).toEqual(batch);
  expect(await first(data.evalBatches({ batchSize: 2, epoch: 0 }))).toEqual(batch);
  expect(data.worldSize).toBe(1);
});

test.each<[Partial<Dataset>, string]>([
  [{ classNames: ['a'] }, 'classNames (expected two names or more, got ["a"])'],
  [{ std: [0] }, 'std (expected numbers above 0, one a channel, got [0])'],
  [{ mean: [1, 2, 3] }, 'expected mean to be 1 numbers, one a channel of mine, got 3'],
])('a member that does not fit is named: %o', (wrong, message) => {
  expect(() => checkedDataset({ ...dataset(), ...wrong })).toThrow(message);
});

test.each<[Partial<Batch>, string]>([
  [{ labels: Int32Array.of(0, 2) }, 'training batches with labels from 0 to 1, got 2'],
  [{ labels: Int32Array.of(0), size: 1 }, 'batchSize = 2 labels, got 1'],
  [{ images: new Uint8Array(17) }, '2x3x3x1 = 18 bytes of images, got 17'],
  [{ size: 1 }, 'size = 2, the rows that hold an image, got 1'],
])('a batch that does not fit is refused: %o', async (wrong, message) => {
  await expect(first(checkedDataset(dataset(wrong)).trainBatches(part))).rejects.toThrow(message);
});

test('only an evaluation has rows without an image', async () => {
  const data = checkedDataset(dataset({ labels: Int32Array.of(0, -1), size: 1 }));
  expect((await first(data.evalBatches({ batchSize: 2, epoch: 0 }))).size).toBe(1);
  await expect(first(data.trainBatches(part))).rejects.toThrow('labels from 0 to 1, got -1');
});
