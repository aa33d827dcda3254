import { expect, test } from 'vitest';
import { evalBatches, type TrainBatchesOptions, trainBatches } from './batches.ts';
import type { ImagesInMemory } from './dataset.ts';

/** Images of one pixel whose value is their index. */
const dataset: ImagesInMemory = {
  name: 'test',
  imageShape: [1, 1, 1],
  classNames: ['even', 'odd'],
  mean: [0],
  std: [1],
  train: {
    images: Uint8Array.from({ length: 23 }, (_, i) => i),
    labels: Int32Array.from({ length: 23 }, (_, i) => i % 2),
    size: 23,
  },
  eval: { images: Uint8Array.from({ length: 7 }, (_, i) => i), labels: new Int32Array(7), size: 7 },
};
const options: TrainBatchesOptions = {
  seed: 1,
  epoch: 0,
  batchSize: 4,
  firstStep: 0,
  stepsPerEpoch: 5,
  limitSamples: null,
  augment: { cropPadding: 0, flip: false },
};
const indices = (changes: Partial<TrainBatchesOptions> = {}) =>
  [...trainBatches(dataset, { ...options, ...changes })].map((batch) => [...batch.images]);

test('an epoch shows no image twice and keeps images and labels together', () => {
  const batches = [...trainBatches(dataset, options)];
  const seen = batches.flatMap((batch) => [...batch.images]);
  expect(batches).toHaveLength(5);
  expect(new Set(seen).size).toBe(20);
  for (const batch of batches)
    expect([...batch.labels]).toEqual([...batch.images].map((i) => i % 2));
});

test('the order depends on the seed and on the epoch, not on the size of the batches', () => {
  expect(indices({ batchSize: 2, stepsPerEpoch: 10 }).flat()).toEqual(indices().flat());
  expect(indices({ seed: 2 })).not.toEqual(indices());
  expect(indices({ epoch: 1 })).not.toEqual(indices());
});

test('starting at a later step gives the tail of the epoch, crops included', () => {
  const wide: ImagesInMemory = {
    ...dataset,
    imageShape: [2, 2, 1],
    train: {
      images: Uint8Array.from({ length: 92 }, (_, i) => i),
      labels: new Int32Array(23),
      size: 23,
    },
  };
  const augmented = { ...options, augment: { cropPadding: 1, flip: true } };
  const whole = [...trainBatches(wide, augmented)];
  const tail = [...trainBatches(wide, { ...augmented, firstStep: 3 })];
  expect(tail).toEqual(whole.slice(3));
});

test('an epoch longer than the data goes through it again', () => {
  const seen = indices({ stepsPerEpoch: 12 }).flat();
  expect(seen.slice(23, 46)).toEqual(seen.slice(0, 23));
});

test('a limit uses as many images, drawn by the seed and the same in each epoch', () => {
  const used = (changes: Partial<TrainBatchesOptions>) =>
    indices({ limitSamples: 8, stepsPerEpoch: 2, ...changes })
      .flat()
      .toSorted((a, b) => a - b);
  expect(new Set(used({})).size).toBe(8);
  expect(used({ epoch: 1 })).toEqual(used({}));
  expect(used({ seed: 2 })).not.toEqual(used({}));
});

test('a limit on images that are stored class by class uses all classes', () => {
  const sorted: ImagesInMemory = {
    ...dataset,
    train: {
      images: new Uint8Array(1000),
      labels: Int32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 100)),
      size: 1000,
    },
  };
  const limited = { ...options, batchSize: 100, stepsPerEpoch: 1, limitSamples: 100 };
  const [batch] = [...trainBatches(sorted, limited)];
  expect(new Set(batch?.labels).size).toBe(10);
});

test('evaluation sees every image once, in order, with a smaller last batch', () => {
  const batches = [...evalBatches(dataset.eval, { pixelsPerImage: 1, batchSize: 3 })];
  expect(batches.map(({ size }) => size)).toEqual([3, 3, 1]);
  expect(batches.flatMap(({ images }) => [...images])).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
