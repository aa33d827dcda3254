import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LostProcessError } from '@bag-of-tricks/data-parallel';
import { beginning } from '@bag-of-tricks/run-folder';
import { expect, onTestFinished, test } from 'vitest';
import { nameWaiting, withLastCheckpoint } from './run-processes.ts';

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
