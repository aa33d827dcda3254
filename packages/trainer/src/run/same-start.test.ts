import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { OpenedCheckpoint } from '../checkpoint/load.ts';
import { parseConfig } from '../config/parse.ts';
import { tricks } from '../tricks/index.ts';
import { beginTogether, keepsProcesses, requireSameStart } from './same-start.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'same-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('another number of processes goes on at the end of an epoch, and not within one', () => {
  const folder = temporaryFolder();
  const checkpointOf = (processes: number | undefined, stepInEpoch: number) => {
    const state = { processes, stepInEpoch };
    return { folder: join(folder, 'epoch-0002-step-00000021'), state } as OpenedCheckpoint;
  };
  expect(keepsProcesses(checkpointOf(2, 5), 2)).toBe(true);
  expect(keepsProcesses(checkpointOf(undefined, 5), 1)).toBe(true);
  expect(keepsProcesses(checkpointOf(2, 0), 4)).toBe(false);
  const middle = checkpointOf(2, 5);
  const expected = `resume ${middle.folder}: expected the 2 process(es) that are in the middle of an epoch, got 4. Start 2`;
  expect(() => keepsProcesses(middle, 4)).toThrow(
    `${expected} until an epoch has ended: no checkpoint is at the end of one`,
  );
  const totals = { steps: 0, lossSum: 0, top1Sum: 0, skipped: 0, seconds: 0, dataSeconds: 0 };
  const seen = { imageShape: [8, 8, 3], classNames: ['a', 'b'], mean: [0], std: [1] };
  const rest = { formatVersion: 3, totals, best: null, weights: null, ...seen, tricks: [] };
  for (const [name, epoch, stepInEpoch] of [
    ['epoch-0001-step-00000008', 1, 0],
    ['epoch-0002-step-00000016', 2, 0],
    ['epoch-0002-step-00000021', 2, 5],
  ] as const) {
    const saved = join(folder, name);
    mkdirSync(saved);
    const state = { ...rest, epoch, stepInEpoch, config: {} };
    writeFileSync(join(saved, 'state.json'), JSON.stringify(state));
  }
  expect(() => keepsProcesses(middle, 4)).toThrow(
    `${expected}, or go on with 4 from the end of an epoch: --resume ${folder}/epoch-0002-step-00000016`,
  );
});

test('several processes neither run op by op nor train a last layer alone', () => {
  const config = parseConfig({ dataset: 'synthetic' });
  beginTogether(config);
  expect(() => beginTogether({ ...config, compile: false })).toThrow('compile: expected true');
  expect(() => beginTogether({ ...config, linearProbe: true })).toThrow('linearProbe: expected');
});

/** What a rank that begins like `run` hears where another one begins with `others`. */
async function begin(
  others: object,
  {
    worldSize = 2,
    synchronizes = true,
    plugin = '',
    unfit = null as string | null,
    come = Promise.resolve(),
    say = (_: string) => {},
  } = {},
) {
  const config = parseConfig({ dataset: 'synthetic' });
  const weight = tf.tidy(() => tf.variable(tf.tensor1d([1, 2]), true, 'weight'));
  const network = { parameters: { weight }, buffers: {} };
  const dataset = { classNames: ['cat', 'dog'], trainSize: 8, evalSize: 4, worldSize };
  const run = {
    config,
    backend: { version: '2.15.0' },
    dataset,
    network,
    data: null,
    stepsPerEpoch: 2,
    tricks: [{ synchronizes }],
  };
  const gather = async <Value>(own: Value) => {
    await come;
    const { start } = own as { readonly start: object };
    return [own, { unfit, start: { ...start, ...others } } as Value];
  };
  try {
    await requireSameStart({ size: 2, gather }, run as never, {
      checkpoint: null,
      pluginModules: plugin ? [plugin] : [],
      onProgress: say,
    });
  } finally {
    weight.dispose();
  }
}

test('a rank that waits long for others to open their images says so', async () => {
  await tf.setBackend('cpu');
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const said: string[] = [];
  const come = new Promise<void>((resolve) => void setTimeout(resolve, 15_000));
  const beginning = begin({}, { come, say: (line) => said.push(line) });
  await vi.advanceTimersByTimeAsync(15_000);
  await beginning;
  expect(said).toEqual(['The wait for the other processes goes on, 10 s so far']);
});

test('a rank that begins otherwise is named, with what differs', async () => {
  await tf.setBackend('cpu');
  await begin({});
  await expect(
    begin({ version: '9.9.9', tensorflow: '2.9', code: 'abc', classes: '3 (f00)', weights: 'e' }),
  ).rejects.toThrow(
    /rank 1 has version "9\.9\.9", not "[^"]+"; tensorflow "2\.9", not "2\.15\.0"; code "abc", not "[0-9a-f]{8}"; classes "3 \(f00\)", not "2 \([0-9a-f]{8}\)"; weights "e", not "[0-9a-f]{8}"\. Start all/,
  );
  const graph = '@bag-of-tricks/graph';
  await expect(begin({ [graph]: '1.0.0 (0)' })).rejects.toThrow(
    /rank 1 has @bag-of-tricks\/graph "1\.0\.0 \(0\)", not ".*". Start all .* and the same @bag-of-tricks packages, as npm ci installs them/,
  );
  await expect(begin({}, { worldSize: 1 })).rejects.toThrow(
    'data: expected images for 2 processes, got worldSize 1',
  );
  await expect(begin({}, { synchronizes: false })).rejects.toThrow(
    'rank 0: tricks: expected one that averages gradients over the 2 processes, got none. Leave --no-data-parallel out',
  );
  await expect(begin({}, { unfit: 'data: expected images' })).rejects.toThrow(
    'rank 1: data: expected images',
  );
});

test('a plug-in whose module differs is other code', async () => {
  await tf.setBackend('cpu');
  const plugin = join(mkdtempSync(join(tmpdir(), 'plugin-')), 'trick.mjs');
  onTestFinished(() => rmSync(dirname(plugin), { recursive: true }));
  const codeWith = async (text: string) => {
    writeFileSync(plugin, text);
    const error = await begin({ code: 'other' }, { plugin }).catch(({ message }) => message);
    return /code "other", not "([0-9a-f]{8})"/.exec(error)![1];
  };
  const codes = [await codeWith('1'), await codeWith('1'), await codeWith('2')];
  expect(codes[1]).toBe(codes[0]);
  expect(codes[2]).not.toBe(codes[0]);
});

test('a process by itself has no part of it: no node in the graph, nothing to compare', async () => {
  expect(tricks.dataParallel.definition.build!({ wire: 'float32' } as never, {} as never)).toEqual(
    {},
  );
  await requireSameStart({ size: 1 } as never, {} as never, { checkpoint: null });
});
