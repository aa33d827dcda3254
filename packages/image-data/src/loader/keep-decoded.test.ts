// Images that are decoded once give the batches that they give when they are decoded each time.

import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded, stored } from '../../test/support/pictures.ts';
import {
  BadImageError,
  createImageDecoder,
  expectKept,
  type ImageDecoder,
  type ImageSource,
  imagesInMemory,
  keepDecoded,
  type LoadedBatch,
  padCropFlip,
  randomResizedCrop,
  type TrainBatchesOptions,
  trainBatches,
} from '../index.ts';

const names = ['h2v2.jpg', 'grey.jpg', 'progressive.jpg', 'rgb.png'];
const imageBytes = 101 * 137 * 3;

interface Counted extends ImageSource {
  readonly reads: number[];
}

/** The fixtures over and over, and which of them were read. */
function fileSource(size: number, images: readonly string[] = names): Counted {
  const reads: number[] = [];
  return {
    name: 'files',
    classNames: ['only'],
    size,
    reads,
    describe: (index) => `files:${index}`,
    label: () => 0,
    async read(index) {
      reads.push(index);
      if (index === 5) throw new BadImageError('files:5', 'cannot be read');
      const image = stored(images[index % images.length]!);
      // As if the file had ended early.
      return index === 7 ? { ...image, bytes: image.bytes.subarray(0, 2500) } : image;
    },
    close: async () => {},
  };
}

let decoder: ImageDecoder;
beforeAll(async () => {
  decoder = await createImageDecoder({ size: 40, antialias: true, threads: 2 });
});
afterAll(() => decoder.dispose());

const place = randomResizedCrop({ size: 40 });

async function epoch(
  source: ImageSource,
  number: number,
  changes: Partial<TrainBatchesOptions> = {},
): Promise<LoadedBatch[]> {
  const options = { decoder, place, seed: 3, epoch: number, batchSize: 6, maxBadFraction: 0.2 };
  const batches: LoadedBatch[] = [];
  for await (const batch of trainBatches(source, { ...options, ...changes })) batches.push(batch);
  return batches;
}

test('the batches are the same bit for bit, bad images included, and after an epoch only bad ones are read again', async () => {
  const plain = fileSource(24);
  const files = fileSource(24);
  const memory = { bytes: 24 * imageBytes };
  const kept = keepDecoded(files, { decoder, memory });
  let readFirst = 0;
  for (const number of [0, 1, 2]) {
    const changes = { maxBadFraction: 0.1, size: number === 1 ? 24 : 40 };
    const resized = { ...changes, place: randomResizedCrop({ size: changes.size }) };
    expect(await epoch(kept, number, resized)).toEqual(await epoch(plain, number, resized));
    if (number === 0) readFirst = files.reads.length;
  }
  expect([...new Set(files.reads.slice(readFirst))].sort()).toEqual([5, 7]);
  expect(memory.bytes).toBeGreaterThanOrEqual(0);
  await kept.close();
  expect(memory.bytes).toBe(24 * imageBytes);
});

test('images that do not fit are read as ever, and the memory is given back', async () => {
  const files = fileSource(24);
  const memory = { bytes: 3 * imageBytes };
  const kept = keepDecoded(files, { decoder, memory });
  expect(await epoch(kept, 0)).toEqual(await epoch(fileSource(24), 0));
  expect(memory.bytes).toBe(3 * imageBytes);
  await epoch(kept, 1);
  expect(files.reads.length).toBeGreaterThanOrEqual(48);
});

test('after 64 images their mean size tells whether all would fit, or those that are used', async () => {
  const small = async (index: number) => {
    const pixels = { width: 8, height: 8, channels: 3, background: `hsl(${index}, 50%, 50%)` };
    const bytes = await sharp({ create: pixels as never })
      .png()
      .toBuffer();
    return { kind: 'encoded', bytes: new Uint8Array(bytes) } as const;
  };
  const source = { ...fileSource(1000), read: small };
  const readAll = async (images: number | undefined) => {
    const memory = { bytes: 100 * 192 };
    const kept = keepDecoded(source, { decoder, memory, ...(images && { images }) });
    for (let index = 0; index < 70; index++) await kept.read(index);
    return { left: memory.bytes, first: kept.inMemory!(0) !== undefined };
  };
  expect(await readAll(undefined)).toEqual({ left: 100 * 192, first: false });
  expect(await readAll(100)).toEqual({ left: 30 * 192, first: true });
});

test('images in memory and the same pixels in files give the same batches', async () => {
  const random = seeded(9);
  const [size, side] = [12, 32];
  const images = Uint8Array.from({ length: size * side * side * 3 }, () => 256 * random());
  const labels = Array.from({ length: size }, (_, i) => i % 2);
  const memory = imagesInMemory({
    ...{ name: 'memory', classNames: ['a', 'b'], images, labels, height: side, width: side },
  });
  const raw = { width: side, height: side, channels: 3 } as const;
  const files: ImageSource = {
    ...{ name: 'files', classNames: ['a', 'b'], size, close: memory.close },
    describe: memory.describe,
    label: memory.label,
    async read(index) {
      const pixels = memory.inMemory!(index)!.pixels;
      const bytes = await sharp(pixels, { raw }).png().toBuffer();
      return { kind: 'encoded', bytes: new Uint8Array(bytes) };
    },
  };
  const kept = keepDecoded(files, { decoder, memory: { bytes: 2 ** 20 } });
  const changes = { place: padCropFlip({ size: side }), size: side };
  for (const number of [0, 1]) {
    const wanted = await epoch(memory, number, changes);
    expect(await epoch(files, number, changes)).toEqual(wanted);
    expect(await epoch(kept, number, changes)).toEqual(wanted);
  }
});

test('images turned upright are kept upright', async () => {
  const upright = await createImageDecoder({ size: 40, exifOrientation: true, threads: 1 });
  const images = ['orientation-6.jpg', 'orientation-3.jpg'];
  const files = fileSource(6, images);
  const kept = keepDecoded(files, { decoder: upright, memory: { bytes: 2 ** 24 } });
  const changes = { decoder: upright, maxBadFraction: 1 };
  for (const number of [0, 1]) {
    const wanted = await epoch(fileSource(6, images), number, changes);
    expect(await epoch(kept, number, changes)).toEqual(wanted);
  }
  await upright.dispose();
});

test('memory that is no number of bytes is refused', () => {
  expect(() => keepDecoded(fileSource(1), { decoder, memory: { bytes: -1 } })).toThrow(
    /memory.bytes to be a whole number from 0 on, got -1/,
  );
});

test('what will be kept is known from headers: of sources that fit one after the other, and of none in memory', async () => {
  const expected = (bytes: number, ...sources: readonly ImageSource[]) => {
    const toKeep = sources.map((source) => ({ source }));
    return expectKept(toKeep, { decoder, bytes: bytes * imageBytes });
  };
  // Its sixth image has no header.
  expect(await expected(24, fileSource(24))).toBe(24 * imageBytes);
  expect(await expected(23, fileSource(24))).toBe(0);
  expect(await expected(200, fileSource(150), fileSource(24))).toBe(174 * imageBytes);
  expect(await expected(160, fileSource(150), fileSource(24))).toBe(150 * imageBytes);
  expect(await expected(30, fileSource(150), fileSource(24))).toBe(24 * imageBytes);
  const pixels = {
    images: new Uint8Array(48),
    labels: [0],
    height: 4,
    width: 4,
    channels: 3,
  } as const;
  expect(await expected(9, imagesInMemory({ name: 'one', classNames: ['only'], ...pixels }))).toBe(
    0,
  );
  const files = fileSource(1000);
  const some = { decoder, bytes: 9 * imageBytes };
  expect(await expectKept([{ source: files, images: 9 }], some)).toBe(some.bytes);
  expect(files.reads).toHaveLength(64);
  expect(files.reads.at(-1)).toBe(984);
});
