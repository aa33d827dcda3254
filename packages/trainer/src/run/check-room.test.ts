import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as durable from '@bag-of-tricks/durable-files';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromLayersModel } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test, vi } from 'vitest';
import { ownBatches } from '../../test/small-parts.ts';
import { SaveError } from '../errors.ts';
import { fit } from '../fit.ts';
import { ema } from '../tricks/ema.ts';

const space = vi.hoisted(() => ({ free: Number.POSITIVE_INFINITY }));
vi.mock('@bag-of-tricks/durable-files', async (original) => ({
  ...(await original<typeof durable>()),
  freeBytes: async () => space.free,
}));

const output = mkdtempSync(join(tmpdir(), 'room-'));

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

/** Trains a network of 2 MB for an epoch where so much is free; returns its folder and what was said. */
async function runWith(experiment: string, free: number) {
  space.free = free;
  const layers = [
    tf.layers.flatten({ inputShape: [8, 8, 1] }),
    tf.layers.dense({ units: 8000 }),
    tf.layers.dense({ units: 4 }),
  ];
  const network = fromLayersModel(tf.sequential({ layers }), { name: 'wide' });
  const said: string[] = [];
  const tensors = tf.memory().numTensors;
  try {
    const parts = {
      network,
      data: ownBatches(),
      tricks: [ema({ decay: 0.9 })],
      output,
      experiment,
    };
    const { runFolder } = await fit({
      ...{ ...parts, epochs: 1, batchSize: 8, compile: false },
      onProgress: (line) => said.push(line),
    });
    return { runFolder, said: said.filter((line) => line.includes('expected room')) };
  } finally {
    expect(tf.memory().numTensors).toBe(tensors);
    network.dispose();
  }
}

test('a run that has no room for one checkpoint ends before its first step, one with little is warned', async () => {
  const { runFolder, said } = await runWith('plenty', Number.POSITIVE_INFINITY);
  expect(said).toEqual([]);
  const last = join(runFolder, 'checkpoints', 'last');
  const sizes = readdirSync(last).map((name) => statSync(join(last, name)).size);
  const bytes = sizes.reduce((sum, size) => sum + size);

  const failing = runWith('none', 0.98 * bytes);
  await expect(failing).rejects.toThrow(SaveError);
  await expect(failing).rejects.toThrow(
    /none\/checkpoints: expected room for checkpoints of \d+\.\d MB each, got \d+\.\d MB free, which is less than one\. Make room/,
  );
  expect(readdirSync(join(output, 'none'))).not.toContain('metrics.jsonl');

  const little = await runWith('little', 1.05 * bytes);
  expect(little.said).toEqual([
    expect.stringMatching(/^Warning: .*; 3 more will be there at once/),
  ]);
  expect((await runWith('enough', 3.15 * bytes)).said).toEqual([]);
});
