// How loading overlaps, stays within its memory, and ends.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Faults, fakeDecoder, fakePlace, fakeSource } from '../../test/fake-loading.ts';
import { type TrainBatchesOptions, trainBatches } from './train-batches.ts';

const options = (decoder = fakeDecoder(), changes: Partial<TrainBatchesOptions> = {}) => ({
  ...{ seed: 1, epoch: 0, batchSize: 4, place: fakePlace, decoder },
  ...changes,
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => rejections.push(reason);
beforeEach(() => process.on('unhandledRejection', onRejection));
afterEach(async () => {
  await pause(5);
  process.off('unhandledRejection', onRejection);
  expect(rejections.splice(0)).toEqual([]);
});

test('reading, decoding and the consumer work at the same time', async () => {
  const source = fakeSource(400, {}, { delayMs: 5 });
  const decoder = fakeDecoder({}, { delayMs: 20 });
  let readWhileDecoding = 0;
  let decodedWhileConsuming = 0;
  for await (const _ of trainBatches(source, options(decoder, { stepsPerEpoch: 10 }))) {
    const { calls } = decoder.counts;
    for (let i = 0; i < 30; i++) {
      await pause(1);
      if (decoder.counts.open > 0 && source.counts.open > 0) readWhileDecoding += 1;
    }
    if (decoder.counts.calls > calls) decodedWhileConsuming += 1;
  }
  expect(readWhileDecoding).toBeGreaterThan(0);
  expect(decodedWhileConsuming).toBeGreaterThan(0);
  expect(decoder.counts.mostOpen).toBe(2);
  expect(source.counts.mostOpen).toBeLessThanOrEqual(8);
});

test('at most two batches are under way beyond the consumer where the limit is small', async () => {
  const source = fakeSource(400);
  const batches = trainBatches(source, options(fakeDecoder(), { prefetchBytes: 1 }));
  await batches.next();
  await pause(20);
  expect(source.counts.reads).toBe(12);
  await batches.return();
});

test('no more than eight batches wait, whatever the limit', async () => {
  const source = fakeSource(400);
  const batches = trainBatches(source, options());
  for (let step = 0; step < 3; step++) await batches.next();
  await pause(20);
  expect(source.counts.reads).toBe((3 + 8) * 4);
  await batches.return();
});

test('large files are decoded in parts instead of piling up', async () => {
  const source = fakeSource(64, {}, { bytesEach: 1000 });
  const decoder = fakeDecoder();
  const changes = { batchSize: 32, prefetchBytes: 16_000, readConcurrency: 1, stepsPerEpoch: 2 };
  for await (const batch of trainBatches(source, options(decoder, changes))) {
    expect(batch.size).toBe(32);
  }
  expect(decoder.counts.largest).toBe(4);
});

test('leaving the loop stops all reading', async () => {
  const source = fakeSource(400, {}, { delayMs: 1 });
  for await (const _ of trainBatches(source, options())) break;
  const { reads } = source.counts;
  await pause(30);
  expect(source.counts).toMatchObject({ reads, open: 0 });
});

test('an error of the consumer stops all reading and is the one that comes out', async () => {
  const source = fakeSource(400, {}, { delayMs: 1 });
  const consume = async () => {
    for await (const _ of trainBatches(source, options())) throw new Error('mine');
  };
  await expect(consume()).rejects.toThrow('mine');
  const { reads } = source.counts;
  await pause(30);
  expect(source.counts).toMatchObject({ reads, open: 0 });
});

test.each([0, 5])(
  'an abort after %i ms stops all reading and rejects with its reason',
  async (ms) => {
    const source = fakeSource(400, {}, { delayMs: 3 });
    const controller = new AbortController();
    const batches = trainBatches(source, options(fakeDecoder(), { signal: controller.signal }));
    if (ms === 0) controller.abort(new Error('Ctrl-C'));
    else setTimeout(() => controller.abort(new Error('Ctrl-C')), ms);
    const consume = async () => {
      for await (const _ of batches) await pause(1);
    };
    await expect(consume()).rejects.toThrow('Ctrl-C');
    await pause(10);
    const { reads } = source.counts;
    await pause(30);
    expect(source.counts).toMatchObject({ reads, open: 0 });
  },
);

test('an abort ends the wait for a read that never answers', async () => {
  const all = Array.from({ length: 40 }, (_, index) => index);
  const controller = new AbortController();
  const batches = trainBatches(
    fakeSource(40, { stalled: all }),
    options(fakeDecoder(), { signal: controller.signal }),
  );
  setTimeout(() => controller.abort(), 5);
  await expect(batches.next()).rejects.toThrow(/aborted/);
});

test('a read that never answers is an error that names the image', async () => {
  const batches = trainBatches(
    fakeSource(4, { stalled: [2] }),
    options(fakeDecoder(), { readTimeoutMs: 20 }),
  );
  await expect(batches.next()).rejects.toThrow(/fake\/2\.jpg: expected to be read within 0\.02 s/);
});

test('an error that is not about an image ends the epoch whatever the policy, after the batches before it', async () => {
  const faults: Faults = { offline: [1] };
  const seen: number[] = [];
  const consume = async () => {
    for await (const { indices } of trainBatches(fakeSource(40, faults), options())) {
      seen.push(...indices);
    }
  };
  await expect(consume()).rejects.toThrow('EIO');
  expect(seen).not.toContain(1);
});

test('an error in placing is not taken for a bad image', async () => {
  const place = () => {
    throw new TypeError('a mistake in a transform');
  };
  const batches = trainBatches(fakeSource(40), options(fakeDecoder(), { place }));
  await expect(batches.next()).rejects.toThrow('a mistake in a transform');
});
