import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../../test/support/pictures.ts';
import {
  type AugmentImage,
  type Batch,
  checkedDataset,
  type Dataset,
  type ImageDatasetOptions,
  type ImageSource,
  imageDataset,
  imageFolder,
  imagesInMemory,
  syntheticImages,
} from '../index.ts';

/** Writes `<split>/<class>/*.jpg`, each image of another shape. */
async function writeImages(split: string, perClass: number): Promise<void> {
  const random = seeded(perClass);
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(folder, split, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const [width, height] = i % 2 === 0 ? [14 + 3 * i, 14] : [14, 14 + 5 * i];
      const pixels = Uint8Array.from({ length: width * height * 3 }, () => 256 * random());
      const image = sharp(pixels, { raw: { width, height, channels: 3 } });
      await image.jpeg().toFile(join(folder, split, name, `${i}.jpg`));
    }
  }
}

beforeAll(async () => {
  await writeImages('train', 8);
  await writeImages('val', 3);
});

const synthetic = { imageSize: 12, numClasses: 3, size: 24 };
const folder = mkdtempSync(join(tmpdir(), 'data-kinds-'));

const painted = (channels: 1 | 3) => async (split: 'train' | 'val') =>
  syntheticImages({ ...synthetic, channels, ...(split === 'val' && { size: 7, stream: 1 }) });
const files = (split: 'train' | 'val') => imageFolder(folder, { split });
const grey = { channels: 1, mean: [128], std: [40] } as const;

/** One of each kind of dataset: painted, in memory and grey, read from files, and kept from the first epoch on. */
const kinds: readonly (readonly [string, typeof files, Partial<ImageDatasetOptions>])[] = [
  ['painted', painted(3), { crop: 'pad' }],
  ['grey', painted(1), { ...grey, crop: 'pad' }],
  ['files', files, { cacheMegabytes: 0, colorJitter: 0.4, pcaNoise: 0.1 }],
  ['kept files', files, { colorJitter: 0.4, pcaNoise: 0.1 }],
  ['padded files', files, { crop: 'pad' }],
];

async function withDataset<T>(
  [, open, options]: (typeof kinds)[number],
  use: (dataset: Dataset) => Promise<T>,
  processes: { rank?: number; worldSize?: number } = {},
): Promise<T> {
  const dataset = await imageDataset({
    ...{ train: await open('train'), eval: await open('val'), imageSize: 12 },
    ...{ mean: [128, 128, 128], std: [40, 40, 40], ...options, ...processes },
  });
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

describe.each(kinds.map((kind) => [kind[0], kind] as const))('%s', (_, kind) => {
  test('a resumed epoch sees the rest of the uninterrupted one, after any epochs before it', async () => {
    const whole = await withDataset(kind, async (dataset) => {
      await collect(dataset.trainBatches({ ...part, epoch: 0 }));
      return collect(dataset.trainBatches(part));
    });
    expect(whole).toHaveLength(4);
    const rest = await withDataset(kind, (dataset) =>
      collect(dataset.trainBatches({ ...part, firstStep: 2 })),
    );
    expect(seen(rest)).toEqual(seen(whole).slice(2));
  });

  test('plain training images are those of an evaluation of the same source, in order', async () => {
    const [name, open, options] = kind;
    const limited = { ...options, limitSamples: 10 };
    const plain = await withDataset([name, open, limited], (dataset) =>
      collect(dataset.plainBatches!({ batchSize: 4, epoch: 0, seed: 3 })),
    );
    const whole = await withDataset([name, () => open('train'), options], (dataset) =>
      collect(dataset.evalBatches({ batchSize: 24, epoch: 0 })),
    );
    const rows = (batches: readonly Batch[]) =>
      batches.flatMap(({ images, labels, indices }) => {
        const bytes = images.length / labels.length;
        return [...indices!.keys()]
          .filter((row) => labels[row]! >= 0)
          .map((row) => [indices![row], labels[row], images.slice(row * bytes, (row + 1) * bytes)]);
      });
    const used = rows(plain);
    expect(used).toHaveLength(10);
    const all = rows(whole);
    expect(used).toEqual(used.map(([index]) => all.find(([other]) => other === index)));
  });

  test('two processes see in a step what one sees with twice the batch, in evaluation too', async () => {
    const alone = await withDataset(kind, async (dataset) => ({
      train: await collect(dataset.trainBatches(part)),
      eval: await collect(dataset.evalBatches({ batchSize: 4, epoch: 0 })),
      size: dataset.evalSize,
    }));
    const ranks = await Promise.all(
      [0, 1].map((rank) =>
        withDataset(
          kind,
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
    await withDataset(kind, async (dataset) => {
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
    await withDataset(kind, async (dataset) => {
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

test('images stand as they are stored, as in timm, or upright where the EXIF tag is asked for', async () => {
  const raw = { width: 4, height: 4, channels: 3 } as const;
  const random = seeded(7);
  const pixels = Uint8Array.from({ length: 48 }, () => 256 * random());
  // 6: the first stored row is the right-hand column.
  const bytes = await sharp(pixels, { raw }).withMetadata({ orientation: 6 }).png().toBuffer();
  const evaluated = async (exifOrientation: boolean) => {
    const source = imagesInMemory({
      ...{ name: 'one', classNames: ['a', 'b'], labels: [1], height: 4, width: 4, channels: 3 },
      images: pixels,
    });
    const { inMemory: _, ...stored } = source;
    const tagged = { ...stored, read: async () => ({ kind: 'encoded', bytes }) as const };
    const statistics = { mean: [128, 128, 128], std: [40, 40, 40] };
    const dataset = await imageDataset({
      ...{ train: null, eval: tagged, imageSize: 4, exifOrientation, ...statistics },
    });
    const [batch] = await collect(dataset.evalBatches({ batchSize: 1, epoch: 0 }));
    await dataset.close();
    return batch!.images;
  };
  expect(await evaluated(false)).toEqual(pixels);
  const upright = await evaluated(true);
  for (let i = 0; i < 48; i++) {
    const [y, x, channel] = [Math.floor(i / 12), Math.floor(i / 3) % 4, i % 3];
    expect(upright[i]).toBe(pixels[((3 - x) * 4 + y) * 3 + channel]);
  }
});

test('a dataset says what memory its decoded images will take, where it keeps them', async () => {
  const bytes: number[] = [];
  for (const kind of kinds)
    bytes.push(await withDataset(kind, (dataset) => checkedDataset(dataset).cacheBytes!()));
  const area = (count: number) =>
    Array.from({ length: count }, (_, i) => 14 * (14 + (i % 2 === 0 ? 3 : 5) * i));
  const sum = [...area(8), ...area(3)].reduce((a, b) => a + b);
  expect(bytes.map(Math.round)).toEqual([31 * 432, 31 * 144, 0, 9 * sum, 9 * sum]);
});
