import { expect, test } from 'vitest';
import type { TrainConfigInput } from '../config/schema.ts';
import { dryRun } from '../dry-run.ts';
import { machineMemory } from './machine-memory.ts';
import { checkMemory } from './prepare-step.ts';

const memory = { resident: 600, weights: 20, kept: 1000 };

test('a step takes what is there, five times the weights and 0.6 of what its backward pass keeps', () => {
  expect(checkMemory(memory, { batchSize: 10, available: 1300 })).toBe(1300);
});

test('a batch that cannot fit is an error with the largest that fits', () => {
  const available = 1299;
  const message = /expected a batch that fits .* got 10, .* Give --batch-size 9 or less/;
  expect(() => checkMemory(memory, { batchSize: 10, available })).toThrow(message);
  expect(checkMemory({ ...memory, kept: 900 }, { batchSize: 9, available })).toBe(1240);
});

test('where two images do not fit, a smaller network or smaller images are the way', () => {
  expect(() => checkMemory(memory, { batchSize: 10, available: 800 })).toThrow(
    /Not even a batch of 2 fits: give a smaller network/,
  );
});

test('the limit of a container counts, and none is no limit', () => {
  expect(machineMemory(8e9, 2e9)).toBe(2e9);
  expect([machineMemory(8e9, 0), machineMemory(8e9, 2 ** 63)]).toEqual([8e9, 8e9]);
});

test('a run is refused when its step is traced, before anything is computed', async () => {
  const config: TrainConfigInput = {
    ...{ model: 'resnet20d', dataset: 'synthetic', batchSize: 65_536, epochs: 1, warmup: null },
    synthetic: { imageSize: 512, channels: 1, numClasses: 2, trainSamples: 65_536, evalSamples: 1 },
  };
  const lines: string[] = [];
  const started = dryRun(config, { onProgress: (line) => lines.push(line) });
  await expect(started).rejects.toThrow(
    /batchSize: expected a batch that fits .* got 65536, .*Give --batch-size \d+ or less/,
  );
  expect(lines).toContain('Tracing the step of resnet20d on 65536 images of 512x512');
});
