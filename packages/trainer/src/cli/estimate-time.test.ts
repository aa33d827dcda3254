import { expect, test } from 'vitest';
import type { TrainHooks } from '../run/train-options.ts';
import { estimateTime } from './estimate-time.ts';

type BatchLog = Parameters<NonNullable<TrainHooks['onBatchEnd']>>[0];

test('after four steps it says once what the rest will take; the first and slow step does not count', () => {
  const lines: string[] = [];
  const { onBatchEnd } = estimateTime((line) => lines.push(line));
  const seconds = [40, 1, 2, 3, 9, 9];
  for (const [i, taken] of seconds.entries())
    onBatchEnd!({ seconds: taken, step: i + 1, totalSteps: 1804 } as BatchLog);
  expect(lines).toEqual([
    expect.stringMatching(
      /^Estimate: 1800 further steps of 2\.00 s, 1:00:00 without the evaluations; at most \d+\.\d GB of memory so far$/,
    ),
  ]);
});

test('where no step or one is left, it says nothing or one step', () => {
  const lines: string[] = [];
  for (const totalSteps of [4, 5]) {
    const { onBatchEnd } = estimateTime((line) => lines.push(line));
    for (let step = 1; step <= 4; step++) onBatchEnd!({ seconds: 1, step, totalSteps } as BatchLog);
  }
  expect(lines).toEqual([expect.stringContaining('Estimate: 1 further step of 1.00 s, 0:00:01')]);
});
