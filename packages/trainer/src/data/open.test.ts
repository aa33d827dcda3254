import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { openDataset, stepsInEpoch } from './open.ts';
import { openSources } from './open-sources.ts';

const cacheDirectory = mkdtempSync(join(tmpdir(), 'open-'));
const opening = { cacheDirectory, onWarning: () => {} };

test('a name opens its images with the input settings of its kind', async () => {
  const config = parseConfig({ dataset: 'fashion-mnist', limitSamples: 24 });
  const dataset = await openDataset(config, opening);
  expect(dataset).toMatchObject({
    ...{ name: 'fashion-mnist', imageShape: [28, 28, 1], trainSize: 24, evalSize: 10_000 },
    ...{ mean: [72.96], std: [89.97], colorVariation: null },
  });
  expect(dataset.classNames).toHaveLength(10);
  await dataset.close();
}, 60_000);

test('the settings of Fashion-MNIST state the mean and standard deviation of its training images', async () => {
  const config = parseConfig({ dataset: 'fashion-mnist' });
  const { train, eval: evaluation } = await openSources(config, opening);
  let [sum, squares] = [0, 0];
  for (let index = 0; index < train!.size; index++) {
    for (const pixel of train!.inMemory!(index)!.pixels) {
      sum += pixel;
      squares += pixel * pixel;
    }
  }
  const mean = sum / (train!.size * 784);
  const stated = await openDataset(config, opening);
  expect(stated.mean[0]).toBeCloseTo(mean, 2);
  expect(stated.std[0]).toBeCloseTo(Math.sqrt(squares / (train!.size * 784) - mean * mean), 2);
  for (const opened of [train!, evaluation, stated]) await opened.close();
}, 60_000);

test('an epoch has the steps that all processes together can fill', () => {
  const steps = { batchSize: 4, stepsPerEpoch: null };
  expect(stepsInEpoch({ trainSize: 23 }, steps)).toBe(5);
  expect(stepsInEpoch({ trainSize: 23, worldSize: 2 }, steps)).toBe(2);
  expect(stepsInEpoch({ trainSize: 23 }, { ...steps, stepsPerEpoch: 9 })).toBe(9);
  expect(() => stepsInEpoch({ trainSize: 7, worldSize: 2 }, steps)).toThrow(
    /at most the 7 training images that are used by 2 processes, got 4/,
  );
});
