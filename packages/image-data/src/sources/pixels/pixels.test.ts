import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cifarImages, mnistImages, syntheticImages } from '../../index.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixels-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A record whose red, green and blue planes hold `value`, `value + 1`, `value + 2`, but for the second red pixel: 200. */
function record(labels: number[], value: number): Buffer {
  const planes = [0, 1, 2].map((c) => Buffer.alloc(1024, value + c));
  planes[0]![1] = 200;
  return Buffer.concat([Buffer.from(labels), ...planes]);
}

describe('cifarImages', () => {
  test('reads CIFAR-10 in the order of its batches, pixels interleaved', async () => {
    const folder = join(root, 'cifar-10-batches-bin');
    await mkdir(folder);
    for (let b = 1; b <= 5; b++) {
      await writeFile(join(folder, `data_batch_${b}.bin`), record([b], 10 * b));
    }
    await writeFile(
      join(folder, 'test_batch.bin'),
      Buffer.concat([record([9], 1), record([0], 2)]),
    );
    const names = [
      'airplane',
      'automobile',
      'bird',
      'cat',
      'deer',
      'dog',
      'frog',
      'horse',
      'ship',
      'truck',
    ];
    await writeFile(join(folder, 'batches.meta.txt'), `${names.join('\n')}\n\n`);
    const train = await cifarImages(root);
    expect(train.classNames).toEqual(names);
    expect(Array.from({ length: train.size }, (_, i) => train.label(i))).toEqual([1, 2, 3, 4, 5]);
    const image = await train.read(2);
    if (image.kind !== 'pixels') throw new Error('expected pixels');
    expect([image.height, image.width, image.pixels.length]).toEqual([32, 32, 3072]);
    expect([...image.pixels.subarray(0, 6)]).toEqual([30, 31, 32, 200, 31, 32]);
    const test = await cifarImages(folder, { split: 'val' });
    expect([test.size, test.label(0), test.label(1)]).toEqual([2, 9, 0]);
    await expect(test.read(2)).rejects.toThrow(RangeError);
    await rm(join(folder, 'data_batch_3.bin'));
    await expect(cifarImages(root)).rejects.toThrow(/found no data_batch_3\.bin/);
  });

  test('reads CIFAR-100 with its fine labels', async () => {
    await writeFile(join(root, 'train.bin'), record([19, 99], 5));
    await writeFile(join(root, 'fine_label_names.txt'), 'not a hundred names\n');
    const source = await cifarImages(root);
    expect([source.size, source.label(0), source.classNames[99]]).toEqual([1, 99, '99']);
  });

  test('refuses files that are cut off, hold no such labels, or are not there', async () => {
    await expect(cifarImages(root)).rejects.toThrow(
      /expected data_batch_1\.bin, .* or train\.bin in .*, found nothing/,
    );
    await writeFile(join(root, 'train.bin'), record([19, 100], 5));
    await expect(cifarImages(root)).rejects.toThrow(/labels below 100 .*, found 100 at byte 1/);
    await writeFile(join(root, 'train.bin'), record([1], 5));
    await expect(cifarImages(root)).rejects.toThrow(/records of 3074 bytes .*found 3073 bytes/);
    await writeFile(join(root, 'train.bin'), '');
    await expect(cifarImages(root)).rejects.toThrow(/found 0 bytes/);
    await expect(cifarImages(root, { split: 'training' as 'train' })).rejects.toThrow(
      /expected split to be 'train', 'test', 'val' or 'validation', got 'training'/,
    );
  });
});

describe('mnistImages', () => {
  /** Magic number, dimensions, values: written by the published format, not by the reader. */
  function idx(shape: number[], values: number[]): Buffer {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.set([0, 0, 8, shape.length]);
    for (const [axis, length] of shape.entries()) header.writeUInt32BE(length, 4 + 4 * axis);
    return Buffer.concat([header, Buffer.from(values)]);
  }
  const write = (name: string, bytes: Buffer) => writeFile(join(root, name), bytes);

  test('reads the files of MNIST and its kin, packed or not, with one channel', async () => {
    const images = idx([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
    await write('train-images-idx3-ubyte.gz', gzipSync(images));
    await write('train-labels-idx1-ubyte', idx([2], [9, 3]));
    const source = await mnistImages(root);
    expect([source.size, source.label(0), source.label(1)]).toEqual([2, 9, 3]);
    expect(source.classNames).toHaveLength(10);
    expect(await source.read(1)).toEqual({
      kind: 'pixels',
      pixels: Buffer.from([250, 251, 252, 253, 254, 255]),
      height: 2,
      width: 3,
      channels: 1,
    });
    await expect(mnistImages(root, { split: 'val' })).rejects.toThrow(
      /expected t10k-images-idx3-ubyte or t10k-images-idx3-ubyte\.gz in .*, found train-images/,
    );
    await write('t10k-images-idx3-ubyte', idx([1, 2, 3], [1, 2, 3, 4, 5, 6]));
    await write('t10k-labels-idx1-ubyte.gz', gzipSync(idx([1], [1])));
    const test = await mnistImages(root, { split: 'test', classNames: ['Trouser', 'Bag'] });
    expect([test.size, test.classNames[test.label(0)]]).toEqual([1, 'Bag']);
  });

  test('refuses files that are cut off, of another kind, or do not belong together', async () => {
    await expect(mnistImages(root, { split: 'Train' as 'train' })).rejects.toThrow(RangeError);
    await expect(mnistImages(join(root, 'nowhere'))).rejects.toThrow(
      /expected train-images-idx3-ubyte .*nowhere, found nothing/,
    );
    const images = idx([2, 1, 1], [7, 8]);
    await write('train-images-idx3-ubyte', images.subarray(0, -1));
    await write('train-labels-idx1-ubyte', idx([3], [0, 1, 2]));
    await expect(mnistImages(root)).rejects.toThrow(/expected 2 bytes of values .*found 1/);
    await write('train-images-idx3-ubyte', gzipSync(images).subarray(0, -9));
    await expect(mnistImages(root)).rejects.toThrow(/expected a whole gzip file/);
    await write('train-images-idx3-ubyte', idx([2], [7, 8]));
    await expect(mnistImages(root)).rejects.toThrow(/3 dimensions .*found 00000801/);
    await write('train-images-idx3-ubyte', images);
    await expect(mnistImages(root)).rejects.toThrow(/as many labels .*found 3 and 2/);
    await write('train-labels-idx1-ubyte', idx([2], [0, 2]));
    await expect(mnistImages(root, { classNames: ['a', 'b'] })).rejects.toThrow(
      /labels below 2, .*found 2/,
    );
  });
});

describe('syntheticImages', () => {
  const options = { size: 50, imageSize: 16, numClasses: 4, seed: 3 };

  test('are the same for the same seed, stream and index, and others for others', async () => {
    const source = syntheticImages(options);
    const again = syntheticImages({ ...options, size: 5000 });
    expect(await source.read(9)).toEqual(await again.read(9));
    expect(await source.read(9)).not.toEqual(await source.read(8));
    expect(await source.read(9)).not.toEqual(
      await syntheticImages({ ...options, stream: 1 }).read(9),
    );
    expect(await source.read(9)).not.toEqual(
      await syntheticImages({ ...options, seed: 4 }).read(9),
    );
    expect(new Set(Array.from({ length: 50 }, (_, i) => source.label(i)))).toEqual(
      new Set([0, 1, 2, 3]),
    );
  });

  test('get brighter in the direction of their class', async () => {
    const source = syntheticImages(options);
    const index = Array.from({ length: 50 }, (_, i) => i).find((i) => source.label(i) === 1)!;
    const image = await source.read(index);
    if (image.kind !== 'pixels') throw new Error('expected pixels');
    const mean = (from: number) =>
      image.pixels.subarray(from, from + 48).reduce((sum, value) => sum + value, 0) / 48;
    // Class 1 of 4 points down.
    expect(mean(15 * 48) - mean(0)).toBeGreaterThan(30);
  });

  test('refuse what is no number of images, pixels or classes', () => {
    for (const option of ['size', 'imageSize', 'numClasses']) {
      for (const value of [0, -1, 1.5, Number.NaN]) {
        expect(() => syntheticImages({ ...options, [option]: value })).toThrow(RangeError);
      }
    }
    expect(() => syntheticImages({ ...options, seed: 0.5 }).label(0)).toThrow(RangeError);
    expect(() => syntheticImages(options).label(50)).toThrow(RangeError);
  });
});
