import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LostProcessError } from '@bag-of-tricks/data-parallel';
import { beginning } from '@bag-of-tricks/run-folder';
import { expect, onTestFinished, test, vi } from 'vitest';
import { badImagesOfAll, nameWaiting, sumAloud, withLastCheckpoint } from './run-processes.ts';

const after = (seconds: number, dataSeconds: number) => ({
  totals: { ...beginning.totals, seconds, dataSeconds },
});

test('ranks that wait for images for more than a tenth of their time are named; one process alone asks nobody', async () => {
  const said: string[] = [];
  const own: unknown[] = [];
  const gather = async <Value>(value: Value) => {
    own.push(value);
    return [value, 0.08 as Value, 0.62 as Value];
  };
  const positions = [after(10, 4), after(30, 7)] as const;
  await nameWaiting({ size: 3, gather }, positions, (line) => said.push(line));
  expect(own).toEqual([0.15]);
  expect(said).toEqual([
    'rank 0 waited 15.00 % of the epoch for images',
    'rank 2 waited 62.00 % of the epoch for images',
  ]);
  await nameWaiting({ size: 1, gather }, positions, (line) => said.push(line));
  expect(own).toHaveLength(1);
});

test('a rank that waits within an evaluation for another one says so', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const said: string[] = [];
  const sumScores = async (scores: readonly number[]) => {
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    return scores.map((score) => 2 * score);
  };
  const summing = sumAloud({ sumScores }, (line) => said.push(line))([1, 2]);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(await summing).toEqual([2, 4]);
  expect(said).toEqual([
    'The wait for the other processes goes on, 10 s so far',
    'The wait for the other processes goes on, 20 s so far',
  ]);
});

test('rank 0 tells of the images that it leaves out at once, and of those of the others when all share, once', async () => {
  const [ours, theirs] = ['a.jpg', 'b.jpg'].map((image) => ({ epoch: 0, image, reason: 'is bad' }));
  const told: string[][] = [[], []];
  const given: unknown[][] = [];
  const ranks = [0, 1].map((rank) => {
    const gather = async <Value>(value: Value) => {
      given[rank] = value as unknown[];
      return given as Value[];
    };
    return badImagesOfAll({ rank, size: 2, gather }, ({ image }) => told[rank]!.push(image));
  });
  ranks[0]!.onBadImage(ours!);
  ranks[1]!.onBadImage(ours!);
  ranks[1]!.onBadImage(theirs!);
  expect(told).toEqual([['a.jpg'], []]);
  for (const { share } of [...ranks].reverse()) await share();
  expect(told).toEqual([['a.jpg', 'b.jpg'], []]);
  for (const { share } of [...ranks].reverse()) await share();
  expect(told).toEqual([['a.jpg', 'b.jpg'], []]);
});

test('the error of a run whose processes are gone says what it goes on from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lost-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lost = new LostProcessError('rank 1 is gone');
  const messageOf = (error: unknown) => (withLastCheckpoint(error, folder) as Error).message;
  expect(messageOf(lost)).toBe('rank 1 is gone. Nothing was saved before');
  for (const name of ['epoch-0000-step-00000005', 'epoch-0001-step-00000010'])
    mkdirSync(join(folder, 'checkpoints', name), { recursive: true });
  expect(messageOf(lost)).toBe(
    `rank 1 is gone. The last checkpoint is ${folder}/checkpoints/epoch-0001-step-00000010`,
  );
  const other = new Error('too hot');
  expect(withLastCheckpoint(other, folder)).toBe(other);
  expect(withLastCheckpoint(lost, undefined)).toBe(lost);
});
