import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataset, openSources } from '../index.ts';

const cacheDirectory = mkdtempSync(join(tmpdir(), 'open-'));
const clothes = { dataset: 'fashion-mnist', cacheDirectory } as const;

test('a name opens its images with the input settings of its kind', async () => {
  const dataset = await openDataset({ ...clothes, limitSamples: 24 });
  expect(dataset).toMatchObject({
    ...{ name: 'fashion-mnist', imageShape: [28, 28, 1], trainSize: 24, evalSize: 10_000 },
    ...{ mean: [72.96], std: [89.97], colorVariation: null },
  });
  expect(dataset.classNames).toHaveLength(10);
  await dataset.close();
});

test('the format of Fashion-MNIST states the mean and standard deviation of its training images', async () => {
  const { train, eval: evaluation } = await openSources(clothes);
  let [sum, squares] = [0, 0];
  for (let index = 0; index < train!.size; index++) {
    for (const pixel of train!.inMemory!(index)!.pixels) {
      sum += pixel;
      squares += pixel * pixel;
    }
  }
  const mean = sum / (train!.size * 784);
  const stated = await openDataset(clothes);
  expect(stated.mean[0]).toBeCloseTo(mean, 2);
  expect(stated.std[0]).toBeCloseTo(Math.sqrt(squares / (train!.size * 784) - mean * mean), 2);
  for (const opened of [train!, evaluation, stated]) await opened.close();
});

test('a choice that does not fit its format is refused, with what to do', async () => {
  const refused = (options: object) =>
    expect(openSources(options as Parameters<typeof openSources>[0])).rejects;
  await refused({ dataset: 'tarr' }).toThrow(
    /^dataset: expected one of folder, tar, .*, got "tarr"/,
  );
  await refused({ dataset: 'toString' }).toThrow('got "toString"');
  await refused({ dataset: 'tar' }).toThrow('expected the folder of the images for dataset tar');
  await refused({ dataset: 'synthetic' }).toThrow('expected the shape of the images');
  await refused({ dataset: 'fashion-mnist', dataDir: 'here' }).toThrow('which is not in files');
  const map = { dataset: 'cifar10', dataDir: 'here', classMap: 'map.txt' };
  await refused(map).toThrow('for dataset cifar10, whose classes are fixed, got "map.txt"');
});
