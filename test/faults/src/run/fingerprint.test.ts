import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { beforeAll, expect, test } from 'vitest';
import { differences, fingerprintOf, hasCheckpoint, lostBest, pointedTo } from './fingerprint.ts';
import { bestEpochs, uninterrupted } from './tiny-run.ts';

let whole: string;
const inFolder = async <T>(folder: string, act: () => Promise<T>): Promise<T> => {
  const before = process.cwd();
  process.chdir(folder);
  return act().finally(() => process.chdir(before));
};
const scratch = () => mkdtempSync(join(tmpdir(), 'fingerprint-'));

beforeAll(async () => {
  await registerTensorFlowBackend({ install: true });
  const folder = scratch();
  await inFolder(folder, () => uninterrupted());
  whole = join(folder, 'run');
});

function copy(): string {
  const run = join(scratch(), 'run');
  cpSync(whole, run, { recursive: true, verbatimSymlinks: true });
  return run;
}

/** What is different in a copy of the run in which something was changed. */
function changed(change: (run: string) => void): string[] {
  const run = copy();
  change(run);
  return differences(fingerprintOf(whole), fingerprintOf(run));
}

test('the run has what can be lost: a best that changes, and one that the last is not', async () => {
  expect(await inFolder(scratch(), bestEpochs)).toEqual([0, 2]);
  expect(pointedTo(whole, 'best')).not.toBe(pointedTo(whole, 'last'));
  expect(lostBest(whole)).toBeNull();
});

test('two runs of the same are the same but for their times', async () => {
  const folder = scratch();
  await inFolder(folder, () => uninterrupted());
  expect(differences(fingerprintOf(whole), fingerprintOf(join(folder, 'run')))).toEqual([]);
});

test.each([
  'model.safetensors',
  'model-ema.safetensors',
  'optimizer.safetensors',
  'tricks.safetensors',
])('one other bit in %s is a difference', (file) => {
  const found = changed((run) => {
    const path = join(run, 'checkpoints', 'last', file);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
  });
  expect(found).toEqual([expect.stringContaining(`last/${file} differs`)]);
});

test('a row that is missing or twice, and a file that is left over, are differences', () => {
  const cut = (name: string) => (run: string) => {
    const path = join(run, name);
    const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(path, `${rows.slice(0, -1).join('\n')}\n`);
  };
  for (const name of ['summary.csv', 'metrics.jsonl']) {
    expect(changed(cut(name))).toEqual([expect.stringContaining(`${name} differs`)]);
    const twice = (run: string) => appendFileSync(join(run, name), readFileSync(join(run, name)));
    expect(changed(twice)).toEqual([expect.stringContaining(`${name} differs`)]);
  }
  expect(changed((run) => writeFileSync(join(run, '.lock'), ''))).toEqual(['.lock is left over']);
  expect(changed((run) => writeFileSync(join(run, 'checkpoints', '.tmp-1'), ''))).toEqual([
    expect.stringContaining('names in checkpoints differs'),
  ]);
});

test('a best that is none, or names another checkpoint than the state, is lost', () => {
  const run = copy();
  const best = join(run, 'checkpoints', 'best');
  rmSync(best);
  expect(lostBest(run)).toBe('best of epoch 2 has no checkpoint');
  symlinkSync(pointedTo(run, 'last')!, best);
  expect(lostBest(run)).toBe('best is of epoch 2, the checkpoint kept as best is of epoch 3');
});

test('a run whose first checkpoint has no link yet has begun', () => {
  const run = copy();
  for (const link of ['last', 'best']) rmSync(join(run, 'checkpoints', link));
  expect(hasCheckpoint(run)).toBe(true);
  rmSync(join(run, 'checkpoints'), { recursive: true });
  expect(hasCheckpoint(run)).toBe(false);
});
