import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AugmentImage, type ImageSource, imagesInMemory } from '@bag-of-tricks/image-data';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { parseConfig } from '../config/parse.ts';
import type { Batch, Dataset } from './dataset.ts';
import { imageDataset } from './image-dataset.ts';
import { openDataset, stepsInEpoch } from './open.ts';

/** EXIF with one tag, the orientation, in an APP1 segment. */
function exifSegment(orientation: number): Buffer {
  const tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  const tiff = [...Buffer.from('MM'), 0, 42, 0, 0, 0, 8, 0, 1, ...tag, 0, 0, 0, 0];
  const body = [...Buffer.from('Exif'), 0, 0, ...tiff];
  return Buffer.from([0xff, 0xe1, 0, body.length + 2, ...body]);
}

const side = 32;

async function firstEvalImage(dataDir: string, exifOrientation: boolean): Promise<Uint8Array> {
  const config = parseConfig({
    ...{ dataDir, batchSize: 2, augment: { crop: 'pad' } },
    input: { imageSize: side, exifOrientation },
  });
  const dataset = await openDataset(config, { onWarning: () => {} });
  try {
    for await (const { images } of dataset.evalBatches({ batchSize: 1, epoch: 0 })) {
      return images.slice(0, side * side * 3);
    }
    throw new Error('no evaluation images');
  } finally {
    await dataset.close();
  }
}

test('images stand as they are stored, as in timm, or upright where the EXIF tag is asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exif-'));
  await makeImageFolder(folder, { trainPerClass: 2, evalPerClass: 1, side });
  const [name] = readdirSync(join(folder, 'val/blue'));
  const path = join(folder, 'val/blue', name!);
  const jpeg = readFileSync(path);
  const stored = await firstEvalImage(folder, true);
  // 6: the first stored row is the right-hand column.
  writeFileSync(path, Buffer.concat([jpeg.subarray(0, 2), exifSegment(6), jpeg.subarray(2)]));
  expect(await firstEvalImage(folder, false)).toEqual(stored);
  const upright = await firstEvalImage(folder, true);
  const pixel = (image: Uint8Array, y: number, x: number) =>
    image.slice((y * side + x) * 3, (y * side + x + 1) * 3);
  for (const [y, x] of [
    [0, 0],
    [0, 31],
    [31, 0],
    [5, 20],
    [17, 3],
  ] as const) {
    expect(pixel(upright, y, x)).toEqual(pixel(stored, side - 1 - x, y));
  }
  expect(upright).not.toEqual(stored);
});

const synthetic = { imageSize: 12, channels: 3, numClasses: 3, trainSamples: 24, evalSamples: 7 };
const folder = mkdtempSync(join(tmpdir(), 'data-kinds-'));

/** One of each kind of dataset: painted, in memory and grey, read from files, and kept from the first epoch on. */
const kinds: Readonly<Record<string, object>> = {
  synthetic: { dataset: 'synthetic', synthetic },
  grey: { dataset: 'synthetic', synthetic: { ...synthetic, channels: 1 } },
  'fashion-mnist': { dataset: 'fashion-mnist', limitSamples: 24 },
  files: { dataDir: folder, input: { imageSize: 12, cacheMegabytes: 0 } },
  'kept files': { dataDir: folder, input: { imageSize: 12 } },
  'padded files': { dataDir: folder, input: { imageSize: 12 }, augment: { crop: 'pad' } },
};

async function withDataset<T>(
  config: object,
  use: (dataset: Dataset) => Promise<T>,
  processes: { rank?: number; worldSize?: number } = {},
): Promise<T> {
  const options = { cacheDirectory: join(folder, 'cache'), onWarning: () => {}, ...processes };
  const dataset = await openDataset(parseConfig(config), options);
  try {
    return await use(dataset);
  } finally {
    await dataset.close();
  }
}

async function collect(batches: ReturnType<Dataset['trainBatches']>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push({ ...batch, images: batch.images.slice() });
  return all;
}

const part = { epoch: 1, firstStep: 0, stepsPerEpoch: 4, batchSize: 6, seed: 5 };
const seen = (batches: readonly Batch[]) =>
  batches.map(({ images, labels, colors }) => ({ images, labels, colors }));

describe.each(Object.entries(kinds))('%s', (_, config) => {
  beforeAll(() => makeImageFolder(folder, { trainPerClass: 8, evalPerClass: 3, side: 14 }), 60_000);

  test('a resumed epoch sees the rest of the uninterrupted one, after any epochs before it', async () => {
    const whole = await withDataset(config, async (dataset) => {
      await collect(dataset.trainBatches({ ...part, epoch: 0 }));
      return collect(dataset.trainBatches(part));
    });
    expect(whole).toHaveLength(4);
    const rest = await withDataset(config, (dataset) =>
      collect(dataset.trainBatches({ ...part, firstStep: 2 })),
    );
    expect(seen(rest)).toEqual(seen(whole).slice(2));
  });

  test('two processes see in a step what one sees with twice the batch, in evaluation too', async () => {
    const alone = await withDataset(config, async (dataset) => ({
      train: await collect(dataset.trainBatches(part)),
      eval: await collect(dataset.evalBatches({ batchSize: 4, epoch: 0 })),
      size: dataset.evalSize,
    }));
    const ranks = await Promise.all(
      [0, 1].map((rank) =>
        withDataset(
          config,
          async (dataset) => ({
            train: await collect(dataset.trainBatches({ ...part, batchSize: 3 })),
            eval: await collect(dataset.evalBatches({ batchSize: 2, epoch: 0 })),
          }),
          { rank, worldSize: 2 },
        ),
      ),
    );
    const bytes = (batches: readonly Batch[]) => batches.map(({ images }) => [...images]);
    const together = alone.train.map((_, step) =>
      ranks.flatMap(({ train }) => [...train[step]!.images]),
    );
    expect(together).toEqual(bytes(alone.train));
    const scored = ranks.flatMap((rank) => rank.eval.map(({ size }) => size));
    expect(scored.reduce((a, b) => a + b)).toBe(alone.size);
    expect([...ranks[1]!.eval[0]!.images]).toEqual([
      ...alone.eval[0]!.images.subarray(alone.eval[0]!.images.length / 2),
    ]);
  });

  test('an epoch may have another image size, and the evaluation keeps its own', async () => {
    await withDataset(config, async (dataset) => {
      const [height, width, channels] = dataset.imageShape;
      const [small] = await collect(dataset.trainBatches({ ...part, imageSize: 8 }));
      expect(small!.imageShape).toEqual([8, 8, channels]);
      expect(small!.images).toHaveLength(6 * 64 * channels);
      const [evaluated] = await collect(dataset.evalBatches({ batchSize: 2, epoch: 1 }));
      expect(evaluated!.imageShape).toEqual([height, width, channels]);
    });
  });

  test('augmentations change the images in turn, each by its own numbers', async () => {
    const invert: AugmentImage = (picture) => ({
      ...picture,
      pixels: picture.pixels.map((value) => 255 - value),
    });
    const noise: AugmentImage = (picture, random) => ({
      ...picture,
      pixels: picture.pixels.with(0, Math.floor(256 * random())),
    });
    await withDataset(config, async (dataset) => {
      const plain = await collect(dataset.trainBatches(part));
      const inverted = await collect(dataset.trainBatches({ ...part, augment: [invert] }));
      expect(inverted[0]!.images).toEqual(plain[0]!.images.map((value) => 255 - value));
      const both = await collect(dataset.trainBatches({ ...part, augment: [invert, noise] }));
      expect(both[3]!.images.slice(1, 9)).toEqual(inverted[3]!.images.slice(1, 9));
      const pixels = inverted[0]!.images.length / 6;
      const first = [...both, ...both].map(({ images }) => images[0]);
      expect(new Set(first.slice(0, 4)).size).toBeGreaterThan(1);
      expect(both[0]!.images[pixels]).not.toBe(both[0]!.images[0]);
    });
  });
});

describe('sources of one’s own', () => {
  const shape = { height: 8, width: 8, channels: 1 } as const;
  const source = (name: string, size: number, classNames = ['a', 'b']) =>
    imagesInMemory({
      ...{ name, classNames, ...shape },
      images: Uint8Array.from({ length: 64 * size }, (_, i) => i),
      labels: Array.from({ length: size }, (_, i) => i % 2),
    });
  const options = (changes: object = {}) => ({
    ...{ train: source('mine', 12), eval: source('theirs', 4), imageSize: 8 },
    ...{ channels: 1 as const, mean: [100], std: [50], crop: 'pad' as const },
    ...changes,
  });

  test('become a dataset with all that the training needs', async () => {
    const dataset = await imageDataset(options({ name: 'digits', limitSamples: 10 }));
    expect(dataset).toMatchObject({
      ...{ name: 'digits', imageShape: [8, 8, 1], classNames: ['a', 'b'], mean: [100], std: [50] },
      ...{ trainSize: 10, evalSize: 4, colorVariation: null },
    });
    const batches = await collect(dataset.trainBatches({ ...part, batchSize: 5 }));
    expect(batches.map(({ size }) => size)).toEqual([5, 5, 5, 5]);
    const [scored] = await collect(dataset.evalBatches({ batchSize: 4, epoch: 0 }));
    expect(scored!.images).toEqual(Uint8Array.from({ length: 256 }, (_, i) => i));
    await dataset.close();
  });

  test('are closed when they cannot be used, with what is wrong', async () => {
    const closed: string[] = [];
    const closing = (one: ImageSource) => ({
      ...one,
      close: async () => void closed.push(one.name),
    });
    for (const [changes, message] of [
      [{ eval: closing(source('other', 4, ['b', 'a'])) }, /same classes in mine and other/],
      [
        { mean: [1, 2, 3], eval: closing(source('three', 4)) },
        /mean to be 1 numbers, .* \[1,2,3\]/,
      ],
      [{ std: [0], eval: closing(source('zero', 4)) }, /std to be 1 numbers above 0/],
      [
        { pcaNoise: 0.1, eval: closing(source('grey', 4)) },
        /no pcaNoise for images of one channel/,
      ],
      [{ imageSize: 0, eval: closing(source('none', 4)) }, /size to be a whole number above 0/],
    ] as const) {
      await expect(imageDataset(options(changes))).rejects.toThrow(message);
    }
    expect(closed).toEqual(['other', 'three', 'zero', 'grey', 'none']);
  });

  test('an aborted epoch ends without an error', async () => {
    const dataset = await imageDataset(options());
    const controller = new AbortController();
    let batches = 0;
    for await (const _ of dataset.trainBatches(part, { signal: controller.signal })) {
      batches += 1;
      controller.abort();
    }
    expect(batches).toBe(1);
    await dataset.close();
  });
});

test('an epoch has the steps that all processes together can fill', () => {
  const steps = { batchSize: 4, stepsPerEpoch: null };
  expect(stepsInEpoch({ trainSize: 23 }, steps)).toBe(5);
  expect(stepsInEpoch({ trainSize: 23 }, { ...steps, worldSize: 2 })).toBe(2);
  expect(stepsInEpoch({ trainSize: 23 }, { ...steps, stepsPerEpoch: 9 })).toBe(9);
  expect(() => stepsInEpoch({ trainSize: 7 }, { ...steps, worldSize: 2 })).toThrow(
    /at most the 7 training images that are used by 2 processes, got 4/,
  );
});
