import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Faults, fakeDecoder, fakePlace, fakeSource, shown } from '../../test/fake-loading.ts';
import type { SkippedImage } from './bad-images.ts';
import type { LoadedBatch } from './batch.ts';
import { type EvalBatchesOptions, evalBatches } from './eval-batches.ts';

async function load(
  size: number,
  changes: Partial<EvalBatchesOptions> = {},
  faults: Faults = {},
): Promise<LoadedBatch[]> {
  const batches: LoadedBatch[] = [];
  const options = { decoder: fakeDecoder(faults), place: fakePlace, batchSize: 4, ...changes };
  for await (const batch of evalBatches(fakeSource(size, faults), options)) batches.push(batch);
  return batches;
}

const scored = (batches: readonly LoadedBatch[]) =>
  batches.flatMap(({ indices }) => [...indices]).filter((index) => index >= 0);

test('every image comes once, in order; rows beyond the last are empty', async () => {
  const batches = await load(10);
  expect(batches.map(({ size }) => size)).toEqual([4, 4, 2]);
  expect(scored(batches)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...batches[2]!.labels]).toEqual([8, 9, -1, -1]);
  expect(batches.map(({ images }) => images.length)).toEqual([24, 24, 24]);
});

test('a batch size beyond the images makes no empty rows', async () => {
  expect((await load(3, { batchSize: 250 })).map(({ labels }) => labels.length)).toEqual([3]);
});

test.each([1, 2, 3, 8])(
  '%i processes take equally many batches of one shape and score every image once',
  async (worldSize) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        async (size, batchSize) => {
          const ranks = await Promise.all(
            Array.from({ length: worldSize }, (_, rank) =>
              load(size, { batchSize, rank, worldSize }),
            ),
          );
          const all = ranks.flatMap(scored).sort((a, b) => a - b);
          expect(all).toEqual(Array.from({ length: size }, (_, index) => index));
          expect(new Set(ranks.map((batches) => batches.length)).size).toBe(1);
          const rows = new Set(ranks.flat().map(({ labels }) => labels.length));
          expect(rows.size).toBe(1);
          for (const { images, labels } of ranks.flat()) {
            expect(images).toHaveLength(6 * labels.length);
          }
          const counted = ranks.flat().reduce((sum, batch) => sum + batch.size, 0);
          expect(counted).toBe(size);
        },
      ),
      { numRuns: 20 },
    );
  },
);

test.each(['unreadable', 'headless', 'truncated'] as const)(
  'an image that is %s is left out, reported, and not counted',
  async (fault) => {
    const skipped: SkippedImage[] = [];
    const batches = await load(
      10,
      { epoch: 7, onSkip: (one) => skipped.push(one) },
      { [fault]: [5] },
    );
    expect(scored(batches)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
    expect(batches.map(({ size }) => size)).toEqual([4, 3, 2]);
    expect([...batches[1]!.labels]).toEqual([4, -1, 6, 7]);
    expect(shown(batches[1]!.images).map(({ index }) => index)).toEqual([4, 0, 6, 7]);
    expect(skipped).toEqual([{ image: 'fake/5.jpg', reason: expect.any(String), epoch: 7 }]);
  },
);

test('more bad images than the policy allows are an error', async () => {
  await expect(load(10, {}, { unreadable: [1, 2] })).rejects.toThrow(/at most 1 of the 10 images/);
  await expect(load(10, { badImages: 'fail' }, { unreadable: [1] })).rejects.toThrow(/none/);
});
