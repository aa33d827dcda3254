import { expect, test } from 'vitest';
import { gpuMemoryOf } from '../backend.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { dryRun } from '../dry-run.ts';
import { machineMemory } from './machine-memory.ts';
import { checkMemory } from './prepare-step.ts';

const memory = { resident: 500, cache: 100, weights: 20, kept: 1000, largest: 50 };
const batches = { batchSize: 10, evalBatchSize: 30 };

test('a step takes what is there, decoded images, five times the weights, and 0.6 of what its backward pass keeps or three results of the evaluation', () => {
  expect(checkMemory(memory, { ...batches, available: 1300 })).toBe(1300);
  expect(checkMemory({ ...memory, largest: 250 }, { ...batches, available: 1450 })).toBe(1450);
});

test('a batch that cannot fit is an error with the largest that fits', () => {
  const room = { ...batches, available: 1299 };
  const message =
    /^batchSize: expected a batch that fits .* got 10, .* Give --batch-size 9 or less/;
  expect(() => checkMemory(memory, room)).toThrow(message);
  expect(checkMemory({ ...memory, kept: 900 }, { ...room, batchSize: 9 })).toBe(1240);
  expect(() => checkMemory({ ...memory, kept: 900, largest: 250 }, room)).toThrow(
    /^evalBatchSize: .* got 30, .* Give --val-batch-size 23 or less/,
  );
});

test('where two images do not fit, images are not kept, or a smaller network or smaller images are the way', () => {
  const room = { ...batches, available: 800 };
  expect(() => checkMemory(memory, room)).toThrow(
    /Give --cache-megabytes 0, for decoded images would take .* of it, and --batch-size 3 or less/,
  );
  expect(() => checkMemory({ ...memory, cache: 0, resident: 600 }, room)).toThrow(
    /Not even a batch of 2 fits: give a smaller network/,
  );
});

test('of a GPU it is the memory that counts, and of devices without one none', () => {
  const cpu = { type: 'CPU', memoryBytes: 2 ** 28 };
  expect(gpuMemoryOf([cpu, { type: 'GPU', memoryBytes: 6e9 }])).toBe(6e9);
  expect(gpuMemoryOf([cpu])).toBeNull();
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
