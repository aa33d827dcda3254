import { mkdtempSync, readdirSync, type StatsFs, statSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromLayersModel } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ownBatches } from '../../test/small-parts.ts';
import { SaveError } from '../errors.ts';
import { fit } from '../fit.ts';
import { ema } from '../tricks/ema.ts';

const statfs = vi.spyOn(files, 'statfs');
syncBuiltinESMExports();
afterAll(() => {
  statfs.mockRestore();
  syncBuiltinESMExports();
});

const output = mkdtempSync(join(tmpdir(), 'room-'));

beforeAll(async () => {
  await registerTensorFlowBackend();
});

/** Trains a network of 2 MB where so much is free; returns its folder and what was said. */
async function runWith(experiment: string, free: number, epochs: number) {
  statfs.mockResolvedValue({ bavail: Math.floor(free / 512), bsize: 512 } as StatsFs);
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
      ...{ ...parts, epochs, batchSize: 8, compile: false },
      onProgress: (line) => said.push(line),
    });
    return { runFolder, said: said.filter((line) => line.includes('expected room')) };
  } finally {
    expect(tf.memory().numTensors).toBe(tensors);
    network.dispose();
  }
}

test('a run that has no room for what it holds at once ends before its first step, one with little more is warned', async () => {
  const { runFolder, said } = await runWith('plenty', 2 ** 50, 1);
  expect(said).toEqual([]);
  const last = join(runFolder, 'checkpoints', 'last');
  const sizes = readdirSync(last).map((name) => statSync(join(last, name)).size);
  const bytes = sizes.reduce((sum, size) => sum + size);

  for (const [name, free, epochs] of [
    ['none', 0.98, 1],
    ['two', 2.1, 3],
  ] as const) {
    const failing = runWith(name, free * bytes, epochs);
    await expect(failing).rejects.toThrow(SaveError);
    await expect(failing).rejects.toThrow(
      new RegExp(
        `${name}/checkpoints: expected room for ${epochs} more checkpoints? of \\d+\\.\\d MB each at once, got \\d+\\.\\d MB free\\. Make room`,
      ),
    );
    expect(readdirSync(join(output, name))).not.toContain('metrics.jsonl');
  }

  expect((await runWith('one', 1.05 * bytes, 1)).said).toEqual([]);
  expect((await runWith('little', 3.15 * bytes, 4)).said).toEqual([
    expect.stringMatching(/^Warning: .*expected room for 4 more checkpoints .* --checkpoint-hist$/),
  ]);
  expect((await runWith('enough', 4.2 * bytes, 4)).said).toEqual([]);
});
