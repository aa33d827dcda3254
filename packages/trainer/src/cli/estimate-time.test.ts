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
  onBatchEnd!({ seconds: 1, step: 4, totalSteps: 4 } as BatchLog);
  expect(lines).toEqual([
    expect.stringMatching(
      /^Estimate: 1800 further steps of 2\.00 s, 1:00:00 without the evaluations; at most \d+\.\d GB of memory so far$/,
    ),
  ]);
});
