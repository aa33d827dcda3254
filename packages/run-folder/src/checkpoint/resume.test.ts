import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type * as durable from '@bag-of-tricks/durable-files';
import { beforeEach, expect, test, vi } from 'vitest';
import { readDump } from '../dumped-step.ts';
import { openCheckpoint } from './open.ts';
import { findRun, openToResume } from './resume.ts';
import { saveCheckpoint } from './save.ts';

const calls: string[] = [];
const failing = { code: '', tidying: '' };
vi.mock('@bag-of-tricks/durable-files', async (original) => {
  const real = await original<typeof durable>();
  return {
    ...real,
    findDamage: async (folder: string, ...rest: [string[]?]) => {
      if (failing.code !== '')
        throw Object.assign(new Error(`cannot read ${folder}`), { code: failing.code });
      return real.findDamage(folder, ...rest);
    },
    syncRows: async (path: string) => {
      await new Promise(setImmediate);
      calls.push(`sync ${basename(path)}`);
    },
    checkpointStore: (...args: Parameters<typeof real.checkpointStore>) => {
      const store = real.checkpointStore(...args);
      const save: typeof store.save = (...given) => {
        calls.push('save');
        if (failing.tidying) args[1].warn?.(failing.tidying);
        return store.save(...given);
      };
      return { ...store, save };
    },
  };
});

const totals = { steps: 0, lossSum: 0, top1Sum: 0, skipped: 0, seconds: 0, dataSeconds: 0 };
const state = {
  ...{ stepInEpoch: 0, totals, best: null, weights: null, mean: [1], std: [1], config: {} },
  ...{ imageShape: [8, 8, 1] as const, classNames: ['a', 'b'], tricks: [] },
};
const config = () => ({});

let output: string;
let run: string;
beforeEach(async () => {
  output = mkdtempSync(join(tmpdir(), 'resume-'));
  run = join(output, 'a');
  mkdirSync(join(run, 'checkpoints'), { recursive: true });
  Object.assign(failing, { code: '', tidying: '' });
  for (const epoch of [1, 2])
    await saveCheckpoint(run, {}, { state: { ...state, epoch }, step: epoch, keepBest: 1 });
  calls.length = 0;
});

test('rows are on the disk before the checkpoint that stands for them', async () => {
  await saveCheckpoint(run, {}, { state: { ...state, epoch: 3 }, step: 3, keepBest: 1 });
  expect(calls).toEqual([
    ...['sync summary.csv', 'sync metrics.jsonl', 'sync bad-images.jsonl', 'save'],
  ]);
});

test('what of tidying up fails is told to the one who saves', async () => {
  const said: string[] = [];
  const warn = (line: string) => said.push(line);
  failing.tidying = 'could not write the link last';
  await saveCheckpoint(run, {}, { state: { ...state, epoch: 3 }, step: 3, keepBest: 1, warn });
  expect(said).toEqual(['could not write the link last']);
});

test.each([
  [2, 'epoch-0002-step-00000002'],
  [undefined, 'epoch-0002-step-00000003'],
])(
  '%s processes: within an epoch the first that stays is %s, at its border only for several',
  async (processes, first) => {
    const own = join(output, 'b');
    mkdirSync(join(own, 'checkpoints'), { recursive: true });
    for (const stepInEpoch of [0, 1, 2]) {
      const saved = { ...state, epoch: 2, processes, stepInEpoch };
      await saveCheckpoint(own, {}, { state: saved, step: 2 + stepInEpoch, keepBest: 1 });
    }
    expect(readdirSync(join(own, 'checkpoints'))[0]).toBe(first);
  },
);

test('a checkpoint that cannot be read now is not taken for a damaged one', async () => {
  const place = await findRun(run);
  const opening = () => openToResume(place, config, () => {});
  expect(basename((await opening()).folder)).toBe('epoch-0002-step-00000002');
  failing.code = 'EMFILE';
  await expect(opening()).rejects.toThrow(
    /cannot read .*epoch-0002-step-00000002, or give it up and go on with --resume .*epoch-0001-step-00000001$/,
  );
  expect(readdirSync(join(run, 'checkpoints'))).toContain('epoch-0002-step-00000002');
});

test('a step that diverged is no run to go on with: the error names replay and the run', async () => {
  const dump = join(run, 'divergence-step-7');
  const saved = { state: { ...state, epoch: 0 }, step: 6, keepBest: 1 };
  mkdirSync(join(dump, 'checkpoints'), { recursive: true });
  await saveCheckpoint(dump, {}, saved);
  writeFileSync(join(dump, 'step.json'), '{}');
  for (const path of [dump, join(dump, 'checkpoints', 'last')])
    await expect(findRun(path)).rejects.toThrow(
      `got a step that diverged. npx @bag-of-tricks/trainer replay ${dump} takes it again; its run is ${run}`,
    );
  await expect(readDump(run)).rejects.toThrow(
    `diverged step ${run}: expected a readable file step.json, got ENOENT (no such file or folder). Give a folder divergence-step-<n> of a run that diverged, such as ${dump}`,
  );
  await expect(readDump(join(output, 'nope'))).rejects.toThrow(
    /got ENOENT \(.*\)\. Give a folder divergence-step-<n> of a run that diverged$/,
  );
});

test('a folder of runs is told from a run, and its runs are named', async () => {
  const expected = `got a folder with the runs a. Give one of them, such as ${run}`;
  await expect(openCheckpoint(output, 'best', config)).rejects.toThrow(expected);
  await expect(findRun(output)).rejects.toThrow(expected);
});
