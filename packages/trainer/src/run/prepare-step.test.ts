import { expect, test } from 'vitest';
import { gpuMemoryOf } from '../backend.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { dryRun } from '../dry-run.ts';
import { machineMemory } from './machine-memory.ts';
import type { Run } from './open-run.ts';
import { checkMemory, prepareStep } from './prepare-step.ts';

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

interface Changes {
  readonly gpuMemory?: number;
  readonly cacheBytes?: number;
  readonly evalSize?: number;
  readonly precision?: object;
}

/** What `prepareStep` says of a step that keeps 1 GB, before an evaluation whose results take 0.1 GB an image at most. */
async function said(changes: Changes) {
  const { gpuMemory = null, cacheBytes = 0, evalSize = 2, precision } = changes;
  const run = {
    config: { batchSize: 10, evalBatchSize: 250, model: 'mine' },
    dataset: { imageShape: [8, 8, 3], evalSize, cacheBytes: async () => cacheBytes },
    runner: { prepare: async () => {} },
    activations: { kept: () => 1e9, largestOfImage: () => 1e8 },
    network: { parameters: {} },
    tricks: [{ name: 'a' }, { name: 'b', notes: { environment: { precision } } }],
    backend: { gpuMemory },
  } as unknown as Run;
  const lines: string[] = [];
  await prepareStep(run, (line) => void lines.push(line));
  return lines.at(-1)!;
}

const prepared = async (changes: Changes) =>
  Number(/about (\S+) GB of memory/.exec(await said(changes))![1]);

test('a run takes the memory of its device: of a GPU its own, else that beside the program and decoded images', async () => {
  const plain = await prepared({});
  expect(await prepared({ cacheBytes: 2e9 })).toBeCloseTo(plain + 2, 0);
  expect(await prepared({ evalSize: 7 })).toBeCloseTo(plain - 0.6 + 2.1, 0);
  expect(await prepared({ gpuMemory: 0.61e9, cacheBytes: 1e12 })).toBe(0.6);
  await expect(prepared({ gpuMemory: 0.59e9 })).rejects.toThrow(
    /fits the 0\.6 GB of memory here, got 10, .* Give --batch-size 9 or less/,
  );
  await expect(prepared({ gpuMemory: 0.61e9, evalSize: 7 })).rejects.toThrow(
    /got 7, .* Give --val-batch-size 2 or less/,
  );
  await expect(prepared({ cacheBytes: 1e15 })).rejects.toThrow('Give --cache-megabytes 0');
});

test('of a GPU it says what an image takes there, half of it in 16 bits, and what is taken here', async () => {
  const gpu = { gpuMemory: 8e9, cacheBytes: 3e9 };
  expect(await said(gpu)).toMatch(
    /about 0\.6 GB of memory on the GPU, of it 60\.0 MB for each image of a batch, and about [3-9]\.\d GB here/,
  );
  expect(await said({ ...gpu, precision: { native: 'fast' } })).toMatch(/ 30\.0 MB for each/);
  expect(await said({ ...gpu, precision: { native: 'emulated' } })).toMatch(/ 60\.0 MB for each/);
  expect(await said({ precision: { native: 'fast' } })).toMatch(/about \S+ GB of memory\. The/);
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
