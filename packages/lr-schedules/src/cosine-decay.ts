import { checkInteger, checkNumber, checkPositive, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

export interface CosineDecayOptions {
  /** Learning rate at step 0, > 0. */
  readonly peak: number;
  /** Length `T` of the decay in batches, the warmup not counted: an integer >= 1. */
  readonly steps: number;
  /** Learning rate at step `T` and after it, between 0 and `peak`. Default 0. */
  readonly end?: number;
}

/**
 * Cosine learning-rate decay (He et al. 2019, section 5.1; Loshchilov and Hutter 2016).
 *
 * `lr(t) = end + (peak - end) * (1 + cos(pi * t / T)) / 2` for `0 <= t <= T`, and `end` for every step after `T`
 *
 * `t = step` is the number of updates made under this schedule. The value is `peak` at `t = 0`, exactly midway at
 * `t = T/2` and `end` at `t = T`. A run of `T` updates uses `t = 0 .. T-1`: `end` itself is what comes after it.
 *
 * @example
 * ```ts
 * import { cosineDecay, withWarmup } from '@bag-of-tricks/lr-schedules';
 *
 * // 120 epochs of 1,251 batches, 5 of them warmup: T does not count the warmup.
 * const schedule = withWarmup(cosineDecay({ peak: 0.4, steps: 115 * 1251 }), { steps: 5 * 1251 });
 * ```
 *
 * The paper's T leaves the warmup out. timm's default lets the warmup eat into T; see the README for how to
 * compose that. Gluon-cv divides by `T - 1`, so that the rate of its last update is `end`.
 *
 * @throws RangeError when an option is out of range, or a step is not an integer >= 0.
 */
export function cosineDecay({ peak, steps, end = 0 }: CosineDecayOptions): Schedule {
  checkPositive('cosineDecay', 'peak', peak);
  checkInteger('cosineDecay', 'steps', steps, 1);
  checkNumber('cosineDecay', 'end', end, { maximum: peak });
  return (step) => {
    checkStep('cosineDecay', step);
    if (step >= steps) return end;
    return end + ((peak - end) * (1 + Math.cos((Math.PI * step) / steps))) / 2;
  };
}
