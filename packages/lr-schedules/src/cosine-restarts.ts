import { checkInteger, checkNumber, checkPositive, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

export interface CosineRestartsOptions {
  /** Learning rate at the start of the first cycle, > 0. */
  readonly peak: number;
  /** Length `T` of the first cycle in batches: an integer >= 1. */
  readonly steps: number;
  /** Learning rate that each cycle falls towards, between 0 and `peak`. Default 0. */
  readonly end?: number;
  /** Each cycle is this many times as long as the one before, >= 1. Default 1. */
  readonly multiplier?: number;
  /** Each cycle's peak is this many times the one before, > 0 and <= 1. Default 1. */
  readonly decay?: number;
}

/**
 * Cosine decay with warm restarts, SGDR (Loshchilov and Hutter 2016, the work that He et al. 2019, section 5.1 builds on).
 *
 * In cycle `k = 0, 1, ..` of length `T_k = steps * multiplier^k`, `t` updates after its start:
 *
 * `lr = end + (peak_k - end) * (1 + cos(pi * t / T_k)) / 2`, `peak_k = max(peak * decay^k, end)`
 *
 * The rate jumps back up where a cycle starts; `end` is approached and never used. It restarts without limit: give
 * `joinSchedules([cosineRestarts(...), constant(end)], [totalSteps])` an end.
 *
 * @example
 * ```ts
 * import { cosineRestarts } from '@bag-of-tricks/lr-schedules';
 *
 * const schedule = cosineRestarts({ peak: 0.1, steps: 1000, multiplier: 2 }); // restarts at 1000, 3000, 7000 ..
 * ```
 *
 * PyTorch's `CosineAnnealingWarmRestarts` has no `decay`; timm's `CosineLRScheduler` stops after `cycle_limit`
 * cycles, one unless told otherwise.
 *
 * @throws RangeError when an option is out of range, or a step is not an integer >= 0.
 */
export function cosineRestarts({
  peak,
  steps,
  end = 0,
  multiplier = 1,
  decay = 1,
}: CosineRestartsOptions): Schedule {
  checkPositive('cosineRestarts', 'peak', peak);
  checkInteger('cosineRestarts', 'steps', steps, 1);
  checkNumber('cosineRestarts', 'end', end, { maximum: peak });
  checkNumber('cosineRestarts', 'multiplier', multiplier, { minimum: 1 });
  checkPositive('cosineRestarts', 'decay', decay);
  checkNumber('cosineRestarts', 'decay', decay, { maximum: 1 });
  return (step) => {
    checkStep('cosineRestarts', step);
    // Cycles of equal length need no search; longer ones are found by walking, because a logarithm
    // misplaces steps that lie exactly on a restart.
    let cycle = multiplier === 1 ? Math.floor(step / steps) : 0;
    let length = steps;
    let t = step - cycle * steps;
    while (t >= length) {
      t -= length;
      length *= multiplier;
      cycle += 1;
    }
    const cyclePeak = Math.max(peak * decay ** cycle, end);
    return end + ((cyclePeak - end) * (1 + Math.cos((Math.PI * t) / length))) / 2;
  };
}
