import { counted, formatDuration } from '@bag-of-tricks/run-folder';
import type { TrainHooks } from '../run/train-options.ts';

/** The steps after the first whose mean is the time of a step. */
const timed = 3;

/** A hook that prints, after a few steps, what the training will take; the first step, which is slower than the others, counts in no mean. */
export function estimateTime(print: (line: string) => void): TrainHooks {
  let steps = 0;
  let seconds = 0;
  return {
    name: 'estimate',
    onBatchEnd(log) {
      steps += 1;
      if (steps > 1) seconds += log.seconds;
      if (steps !== 1 + timed) return;
      const step = seconds / timed;
      const left = log.totalSteps - log.step;
      if (left === 0) return;
      print(
        `Estimate: ${counted(left, 'further step')} of ${step.toPrecision(3)} s, ${formatDuration(left * step)} without the evaluations; at most ${(process.resourceUsage().maxRSS / 1e6).toFixed(1)} GB of memory so far`,
      );
    },
  };
}
