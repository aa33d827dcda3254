import { seededRandom } from '@bag-of-tricks/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Faults, fakeDecoder, fakePlace, fakeSource, shown } from '../../test/fake-loading.ts';
import type { Picture } from '../transforms/augment/picture.ts';
import { randAugment } from '../transforms/augment/rand-augment.ts';
import { randomErasing } from '../transforms/augment/random-erasing.ts';
import { trivialAugment } from '../transforms/augment/trivial-augment.ts';
import { BadImagesError, type SkippedImage } from './bad-images.ts';
import type { LoadedBatch } from './batch.ts';
import { purpose } from './epoch-order.ts';
import { type TrainBatchesOptions, trainBatches } from './train-batches.ts';

type Changes = Partial<TrainBatchesOptions>;

/** Everything that the batches of an epoch show, checked to belong together. */
async function load(size: number, changes: Changes = {}, faults: Faults = {}, delays = {}) {
  const source = fakeSource(size, faults, delays);
  const batches: LoadedBatch[] = [];
  const options = { seed: 1, epoch: 0, batchSize: 4, place: fakePlace, ...changes };
  for await (const batch of trainBatches(source, { decoder: fakeDecoder(faults), ...options })) {
    expect(batch.size).toBe(options.batchSize);
    expect(shown(batch.images).map(({ index }) => index)).toEqual([...batch.indices]);
    expect([...batch.labels]).toEqual([...batch.indices].map((index) => index % 10));
    batches.push(batch);
  }
  return batches;
}

const indices = (batches: readonly LoadedBatch[]) => batches.flatMap((batch) => [...batch.indices]);
const pixels = (batches: readonly LoadedBatch[]) => batches.map((batch) => [...batch.images]);

test('an epoch shows no image twice and leaves out fewer than a batch', async () => {
  const seen = indices(await load(23));
  expect(seen).toHaveLength(20);
  expect(new Set(seen).size).toBe(20);
});

test('the order and the crops depend on the seed and on the epoch, and on nothing else', async () => {
  const once = pixels(await load(23));
  expect(pixels(await load(23))).toEqual(once);
  expect(pixels(await load(23, { readConcurrency: 1, prefetchBytes: 1 }))).toEqual(once);
  expect(pixels(await load(23, { readConcurrency: 32 }, {}, { delayMs: 1 }))).toEqual(once);
  expect(indices(await load(23, { seed: 2 }))).not.toEqual(indices(await load(23)));
  expect(indices(await load(23, { epoch: 1 }))).not.toEqual(indices(await load(23)));
});

test('each image is augmented by itself, the same whatever the processes and from wherever it goes on', async () => {
  const augment = ({ pixels, ...size }: Picture, random: () => number) => {
    expect(size).toEqual({ height: 1, width: 2 });
    return { ...size, pixels: pixels.with(5, Math.floor(random() * 256)) };
  };
  const whole = pixels(await load(24, { augment }));
  const drawn = whole.flat().filter((_, at) => at % 6 === 5);
  expect(new Set(drawn).size).toBeGreaterThan(20);
  expect(pixels(await load(24, { augment, firstStep: 4 }))).toEqual(whole.slice(4));
  const halves = await Promise.all(
    [0, 1].map(async (rank) =>
      pixels(await load(24, { augment, batchSize: 2, rank, worldSize: 2 })),
    ),
  );
  expect(whole.map((_, step) => halves.flatMap((half) => half[step]!))).toEqual(whole);
  const again = (await load(24, { augment, epoch: 1 })).flatMap(({ images }) => [...images]);
  expect(again.filter((_, at) => at % 6 === 5)).not.toEqual(drawn);
});

test('the colours of an image are its own, the same whatever the processes and from wherever it goes on', async () => {
  const colors = { columns: 2, draw: (random: () => number) => [random(), -random()] };
  const rows = (batches: readonly LoadedBatch[]) => batches.map((batch) => [...batch.colors!]);
  const whole = await load(24, { colors });
  for (const [step, { colors: drawn, indices: shownIndices }] of whole.entries()) {
    const alone = [...shownIndices].flatMap((index, row) =>
      colors.draw(seededRandom(1, 0, purpose.color, index, step * 4 + row)),
    );
    expect(drawn).toEqual(Float32Array.from(alone));
  }
  expect(rows(await load(24, { colors, firstStep: 4 }))).toEqual(rows(whole).slice(4));
  const halves = await Promise.all(
    [0, 1].map(async (rank) => rows(await load(24, { colors, batchSize: 2, rank, worldSize: 2 }))),
  );
  expect(rows(whole).map((_, step) => halves.flatMap((half) => half[step]!))).toEqual(rows(whole));
  expect(rows(await load(24, { colors, epoch: 1 }))).not.toEqual(rows(whole));
  expect(pixels(await load(24, { colors }))).toEqual(pixels(await load(24)));
  expect((await load(24))[0]).not.toHaveProperty('colors');
});

test('images in memory are not read, whatever the source', async () => {
  const source = fakeSource(24);
  const at = (index: number) => ({
    kind: 'pixels' as const,
    pixels: Uint8Array.of(0, 0, index),
    height: 1,
    width: 1,
  });
  const inMemory = { ...source, inMemory: (index: number) => (index < 20 ? at(index) : undefined) };
  const options = { seed: 1, epoch: 0, batchSize: 4, place: fakePlace, decoder: fakeDecoder() };
  const seen: number[] = [];
  for await (const { images } of trainBatches(inMemory, options)) {
    seen.push(...shown(images).map(({ index }) => index));
  }
  expect(source.counts.reads).toBe(4);
  expect(seen).toEqual(indices(await load(24)));
});

test('the header of an image is read once, and passed on', async () => {
  const decoder = fakeDecoder();
  let headers = 0;
  const counting = {
    ...decoder,
    header: (...image: Parameters<typeof decoder.header>) => {
      headers += 1;
      return decoder.header(...image);
    },
    decode: (requests: Parameters<typeof decoder.decode>[0]) => {
      for (const { header } of requests) expect(header).toMatchObject({ height: 1, width: 256 });
      return decoder.decode(requests);
    },
  };
  await load(24, { decoder: counting });
  expect(headers).toBe(24);
});

test('an augmentation that changes the size is refused', async () => {
  const augment = () => ({ pixels: new Uint8Array(3), height: 1, width: 1 });
  await expect(load(24, { augment })).rejects.toThrow(
    /expected augment to return .* 1x2x3, got 1x1/,
  );
});

test('an extra changes each image as it does alone, with the numbers of (seed, epoch, index, position)', async () => {
  const extra = (picture: Picture, random: () => number) =>
    randomErasing(trivialAugment(randAugment(picture, random), random), random);
  const plain = await load(8);
  const options = { seed: 1, epoch: 0, batchSize: 4, place: fakePlace, decoder: fakeDecoder() };
  let position = 0;
  for await (const { images } of trainBatches(fakeSource(8), { ...options, augment: extra })) {
    const { images: before, indices: shownIndices } = plain[position / 4]!;
    const alone = [...shownIndices].flatMap((index, row) => {
      const picture = { height: 1, width: 2, pixels: before.slice(row * 6, (row + 1) * 6) };
      return [...extra(picture, seededRandom(1, 0, purpose.augment, index, position + row)).pixels];
    });
    expect([...images]).toEqual(alone);
    position += 4;
  }
  expect(position).toBe(8);
});

test('the same image gets another crop in another epoch', async () => {
  const drawn = async (epoch: number) => {
    const rows = (await load(20, { epoch })).flatMap(({ images }) => shown(images));
    return rows.sort((a, b) => a.index - b.index).map((row) => row.drawn);
  };
  expect(await drawn(1)).not.toEqual(await drawn(0));
});

test('from a later step on it gives the tail of the epoch, bad images or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 8, max: 60 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(12),
      fc.array(fc.nat(60), { maxLength: 5 }),
      fc.nat(),
      async (size, batchSize, firstStep, bad, seed) => {
        const faults = { unreadable: bad.slice(0, 2), truncated: bad.slice(2) };
        const options = { batchSize, seed, maxBadFraction: 1, stepsPerEpoch: 12 };
        const whole = await load(size, options, faults);
        const tail = await load(size, { ...options, firstStep }, faults);
        expect(pixels(tail)).toEqual(pixels(whole).slice(firstStep));
      },
    ),
    { numRuns: 25 },
  );
});

test('an epoch longer than the data shows the same order again, with new crops', async () => {
  const rows = (await load(20, { stepsPerEpoch: 10 })).flatMap(({ images }) => shown(images));
  const [first, second] = [rows.slice(0, 20), rows.slice(20)];
  expect(second.map(({ index }) => index)).toEqual(first.map(({ index }) => index));
  expect(second).not.toEqual(first);
});

test('a limit uses the same images in every epoch, of all classes', async () => {
  const limited = { limitSamples: 12 };
  const one = new Set(indices(await load(400, limited)));
  const other = new Set(indices(await load(400, { ...limited, epoch: 3 })));
  expect([...other].sort()).toEqual([...one].sort());
  expect(one.size).toBe(12);
  expect(Math.max(...one)).toBeGreaterThan(200);
});

test.each([1, 2, 3, 8])(
  'the parts of %i processes are disjoint, equal, and together what one process sees',
  async (worldSize) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 30 }),
        fc.nat(),
        async (batchSize, extra, seed) => {
          const size = worldSize * batchSize + extra;
          const ranks = await Promise.all(
            Array.from({ length: worldSize }, (_, rank) =>
              load(size, { seed, batchSize, rank, worldSize }),
            ),
          );
          const alone = await load(size, { seed, batchSize: batchSize * worldSize });
          const steps = Math.floor(size / (batchSize * worldSize));
          for (const batches of ranks) expect(batches).toHaveLength(steps);
          const together = alone.map((_, step) =>
            ranks.flatMap((batches) => [...batches[step]!.images]),
          );
          expect(together).toEqual(pixels(alone));
          const seen = ranks.flatMap(indices);
          expect(new Set(seen).size).toBe(steps * batchSize * worldSize);
        },
      ),
      { numRuns: 15 },
    );
  },
);

test.each([1, 2, 3, 8])(
  '%i processes see every image once where they fill whole steps, and with a step more in any case',
  async (worldSize) => {
    const batchSize = 3;
    const epoch = async (size: number, stepsPerEpoch: number) =>
      Promise.all(
        Array.from({ length: worldSize }, async (_, rank) =>
          indices(await load(size, { batchSize, rank, worldSize, stepsPerEpoch })),
        ),
      );
    const all = (size: number) => Array.from({ length: size }, (_, index) => index);
    const whole = batchSize * worldSize * 2;
    const parts = await epoch(whole, 2);
    expect(parts.map((part) => part.length)).toEqual(parts.map(() => batchSize * 2));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(all(whole));
    const more = await epoch(whole + 1, 3);
    expect(more.map((part) => part.length)).toEqual(more.map(() => batchSize * 3));
    expect([...new Set(more.flat())].sort((a, b) => a - b)).toEqual(all(whole + 1));
  },
);

test.each(['unreadable', 'headless', 'truncated'] as const)(
  'an image that is %s is replaced by the next good one of the order and reported once',
  async (fault) => {
    const order = indices(await load(20, { batchSize: 1 }));
    const skipped: SkippedImage[] = [];
    const bad = [order[5]!, order[6]!, order[19]!];
    const options = { onSkip: (one: SkippedImage) => skipped.push(one), maxBadFraction: 0.2 };
    const seen = indices(await load(20, options, { [fault]: bad }));
    const expected = [...order];
    expected.splice(5, 2, order[7]!, order[7]!);
    expected[19] = order[0]!;
    expect(seen).toEqual(expected);
    expect(skipped.map(({ image }) => image).sort()).toEqual(
      bad.map((index) => `fake/${index}.jpg`).sort(),
    );
    expect(skipped.every(({ epoch, reason }) => epoch === 0 && reason !== '')).toBe(true);
  },
);

test('an image shown instead of another one has a crop of its own', async () => {
  const order = indices(await load(20, { batchSize: 1 }));
  const batches = await load(20, { maxBadFraction: 0.1 }, { truncated: [order[5]!] });
  const rows = batches.flatMap(({ images }) => shown(images));
  const twice = rows.filter(({ index }) => index === order[6]!);
  expect(twice).toHaveLength(2);
  expect(twice[0]!.drawn).not.toBe(twice[1]!.drawn);
});

test("the policy 'fail' stops at the first bad image and names it with its reason", async () => {
  const failing = load(20, { badImages: 'fail' }, { truncated: [7] });
  await expect(failing).rejects.toThrow(BadImagesError);
  await expect(failing).rejects.toThrow(/expected none.*fake\/7\.jpg: ends early/s);
});

test("the policy 'skip' allows 0.1 %, at least one image, and then fails with the first few named", async () => {
  await load(20, {}, { unreadable: [3] });
  await load(1200, { batchSize: 64 }, { unreadable: [3, 4] });
  const bad = [1, 2, 3, 4, 5, 6, 7, 8];
  const failing = load(1200, { batchSize: 64 }, { unreadable: bad });
  await expect(failing).rejects.toThrow(
    /expected at most 2 of the 1200 images \(maxBadFraction 0\.001, rounded up\), got 3/,
  );
  await expect(failing).rejects.toMatchObject({ images: { length: 3 } });
});

test('a source without any usable image is an error, not a hang', async () => {
  const bad = Array.from({ length: 8 }, (_, index) => index);
  await expect(load(8, { maxBadFraction: 1 }, { unreadable: bad })).rejects.toThrow(
    /expected a usable image in fake, got 8 bad ones/,
  );
});

test.each([
  [{ batchSize: 0 }, /batchSize to be a whole number above 0, got 0/],
  [{ rank: 2, worldSize: 2 }, /rank to be a whole number from 0 to 1, got 2/],
  [{ prefetchBytes: Number.NaN }, /prefetchBytes to be a number above 0, got NaN/],
  [{ maxBadFraction: 2 }, /maxBadFraction to be a number of \[0, 1\], got 2/],
  [{ limitSamples: 0 }, /limitSamples to be a whole number above 0, got 0/],
  [{ firstStep: -1 }, /firstStep to be a whole number from 0 on, got -1/],
  [{ epoch: 0.5 }, /epoch to be a whole number from 0 on, got 0.5/],
  [{ badImages: 'ignore' as 'skip' }, /badImages to be 'fail' or 'skip', got ignore/],
  [{ batchSize: 24 }, /expected at least the 24 images of one step .* got 23/],
])('refuses %o at the call', (changes, message) => {
  const options = { seed: 1, epoch: 0, batchSize: 4, place: fakePlace, decoder: fakeDecoder() };
  expect(() => trainBatches(fakeSource(23), { ...options, ...changes })).toThrow(message);
});
