import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKSUMS } from '@bag-of-tricks/durable-files';
import { beforeEach, describe, expect, test } from 'vitest';
import { openCheckpoint } from './open.ts';
import { checkpointName } from './places.ts';
import { beginning } from './position.ts';
import { findRun, goBackTo, openToResume } from './resume.ts';
import { saveCheckpoint } from './save.ts';

const state = {
  ...{ ...beginning, mean: [1], std: [1], tricks: [], config: {} },
  ...{ imageShape: [8, 8, 1] as const, classNames: ['a', 'b'] },
};
const config = () => ({});

let run: string;
beforeEach(() => {
  run = join(mkdtempSync(join(tmpdir(), 'damaged-')), 'run');
  mkdirSync(join(run, 'checkpoints'), { recursive: true });
});

const checkpoint = (epoch: number) => join(run, 'checkpoints', checkpointName(epoch, epoch));
const epochs = () => readdirSync(join(run, 'checkpoints')).filter((name) => /^epoch/.test(name));

/** Saves what follows so many epochs, of which `best` scored 60. */
const save = (epoch: number, score: number, best = 0) =>
  saveCheckpoint(
    run,
    {},
    {
      state: { ...state, epoch, score, best: { top1: 60, epoch: best } },
      step: epoch,
      keepBest: 1,
    },
  );

/** What is said when the run goes on from its last checkpoint. */
async function resume(): Promise<string[]> {
  const said: string[] = [];
  const warn = (line: string) => void said.push(line);
  const place = await findRun(run);
  const opened = await openToResume(place, config, warn);
  await goBackTo(place, opened, { keepBest: 1, warn });
  return said;
}

describe('a state whose bytes are others than were written', () => {
  const damages: Readonly<Record<string, (text: string) => string>> = {
    'cut off': (text) => text.slice(0, 100),
    'no JSON': (text) => text.replace('"score":', '"score"!'),
    'of another schema': (text) => text.replace('"score": 60', '"score": "60"'),
    'of a lower score': (text) => text.replace('"score": 60', '"score": 10'),
    empty: () => '',
  };

  test.each(Object.entries(damages))(
    '%s, may be the best, stays and is named',
    async (_, damage) => {
      for (const [epoch, score] of [60, 50, 55].entries()) await save(epoch + 1, score);
      const file = join(checkpoint(1), 'state.json');
      const whole = readFileSync(file, 'utf8');
      const damaged = damage(whole);
      expect(damaged).not.toBe(whole);
      writeFileSync(file, damaged);
      const message = `checkpoint ${checkpoint(1)} is damaged: state.json has other bytes than were written`;
      for (const path of [run, join(run, 'checkpoints', 'best')]) {
        const opening = openCheckpoint(path, 'best', config);
        await expect(opening).rejects.toThrow(message);
        await expect(opening).rejects.toThrow(
          /put its files back from a copy, or delete the folder/,
        );
      }
      expect(await resume()).toEqual([
        expect.stringContaining(`may be the best, so it stays: ${message}`),
      ]);
      for (const epoch of [4, 5, 6]) await save(epoch, 58);
      expect(epochs()).toEqual([1, 4, 5, 6].map((epoch) => checkpointName(epoch, epoch)));
      writeFileSync(file, whole);
      expect((await openCheckpoint(run, 'best', config)).folder).toBe(checkpoint(1));
    },
  );

  test('of a score that is too good, is not believed: better ones stay', async () => {
    for (const [epoch, score] of [60, 50].entries()) await save(epoch + 1, score);
    const file = join(checkpoint(2), 'state.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"score": 50', '"score": 99.5'));
    for (const [epoch, score] of [70, 65, 66].entries()) await save(epoch + 3, score);
    expect(epochs()).toContain(checkpointName(3, 3));
    rmSync(checkpoint(2), { recursive: true });
    expect((await openCheckpoint(run, 'best', config)).folder).toBe(checkpoint(3));
  });

  test.each(['state.json', CHECKSUMS])('or that lost its %s, stays too', async (name) => {
    for (const [epoch, score] of [60, 50].entries()) await save(epoch + 1, score);
    rmSync(join(checkpoint(1), name));
    for (const epoch of [3, 4]) await save(epoch, 50);
    expect(epochs()).toContain(checkpointName(1, 1));
    await expect(openCheckpoint(run, 'best', config)).rejects.toThrow(name);
  });
});

test('a best checkpoint that is gone is said to be, though another has its score', async () => {
  for (const epoch of [1, 2, 3]) await save(epoch, 60);
  expect(await resume()).toEqual([]);
  rmSync(checkpoint(1), { recursive: true });
  expect(await resume()).toEqual([expect.stringContaining('(60.00 %, epoch 0) is gone')]);
});

test('a file that is not read may be damaged: it is said', async () => {
  const files = { 'model.safetensors': 'weights', 'optimizer.safetensors': 'slots' };
  await saveCheckpoint(run, files, {
    state: { ...state, epoch: 1, score: 60 },
    step: 1,
    keepBest: 1,
  });
  const said: string[] = [];
  const reads = () => ['model.safetensors'];
  const opening = () =>
    openCheckpoint(run, 'best', config, { reads, warn: (line) => said.push(line) });
  await opening();
  expect(said).toEqual([]);
  writeFileSync(join(checkpoint(1), 'optimizer.safetensors'), 'slits');
  await opening();
  expect(said).toEqual([
    expect.stringMatching(
      /^Warning: checkpoint .* is damaged: optimizer\.safetensors has other bytes .*; what is read here is whole$/,
    ),
  ]);
  await expect(openCheckpoint(run, 'best', config)).rejects.toThrow('optimizer.safetensors');
  writeFileSync(join(checkpoint(1), 'model.safetensors'), 'waits');
  await expect(opening()).rejects.toThrow('model.safetensors has other bytes');
});
