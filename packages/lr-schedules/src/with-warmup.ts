import { joinSchedules } from './join-schedules.ts';
import { linearWarmup, type WarmupForm } from './linear-warmup.ts';
import type { Schedule } from './schedule.ts';

export interface WithWarmupOptions {
  /** Length `m` of the warmup in batches: an integer >= 1 (>= 2 for the `gluon` form). */
  readonly steps: number;
  /** Learning rate at the end of the warmup, > 0. Default `schedule(0)`, so that the two meet. */
  readonly peak?: number;
  /** Learning rate that the warmup starts from, between 0 and the peak. Default 0. */
  readonly start?: number;
  /** `paper` or `gluon`, see `linearWarmup`. Default `paper`. */
  readonly form?: WarmupForm;
}

/**
 * Puts a linear warmup before a schedule, which then starts at its own step 0 (He et al. 2019, sections 3.1 and 5.1).
 *
 * `lr(step) = linearWarmup(step)` for `step < m`, and `schedule(step - m)` from `m` on
 *
 * In the paper's counting, batch `i = step + 1` from 1 to `m` has `i * peak / m`; batch `m + 1` is `t = 0` of the schedule.
 * The warmup adds to the length: `m` batches of it and `T` of the schedule make `m + T` in all. At batch size 1024 on
 * ImageNet, 1,251 batches an epoch: m = 6,255, T = 143,865 for 120 epochs, 150,120 batches in all.
 *
 * @example
 * ```ts
 * import { cosineDecay, withWarmup } from '@bag-of-tricks/lr-schedules';
 *
 * const schedule = withWarmup(cosineDecay({ peak: 0.4, steps: 143865 }), { steps: 6255 });
 * schedule(6254); // 0.4: batch 6,255
 * ```
 *
 * timm by default counts the warmup as part of the schedule and enters it at t = m; the README shows how to compose that.
 *
 * @throws RangeError when an option is out of range, or a step is not an integer >= 0.
 * @throws TypeError when `form` is not one of the two.
 */
export function withWarmup(
  schedule: Schedule,
  { steps, peak = schedule(0), start = 0, form = 'paper' }: WithWarmupOptions,
): Schedule {
  return joinSchedules([linearWarmup({ peak, steps, start, form }), schedule], [steps]);
}
