import { checkInteger, checkNumber, checkPositive, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

/** `paper`: batch i of m gets `i/m` of the peak. `gluon`: `(i-1)/(m-1)`, as gluon-cv computes it. */
export type WarmupForm = 'paper' | 'gluon';

export interface LinearWarmupOptions {
  /** Learning rate at the end of the warmup, > 0. */
  readonly peak: number;
  /** Length `m` of the warmup in batches: an integer >= 1 (>= 2 for the `gluon` form). */
  readonly steps: number;
  /** Learning rate that the line starts from, between 0 and `peak`. Default 0. */
  readonly start?: number;
  /** Which line. Default `paper`. */
  readonly form?: WarmupForm;
}

/**
 * Gradual warmup: the learning rate grows on a straight line (He et al. 2019, section 3.1; Goyal et al. 2017).
 *
 * The paper: `lr_i = i * peak / m` for batch `1 <= i <= m`. With the step counted from 0 (`i = step + 1`):
 *
 * - `paper`: `lr(step) = start + (peak - start) * (step + 1) / m`
 * - `gluon`: `lr(step) = start + (peak - start) * step / (m - 1)`
 *
 * Both are at `peak` in the m-th batch, `step = m - 1`, and hold it from there on. The first batch gets `peak / m`
 * in the paper's form and 0 in gluon-cv's, whose first update therefore changes nothing.
 *
 * @example
 * ```ts
 * import { linearWarmup } from '@bag-of-tricks/lr-schedules';
 *
 * const schedule = linearWarmup({ peak: 0.4, steps: 4 });
 * const rates = [0, 1, 2, 3, 4].map(schedule); // 0.1, 0.2, 0.3, 0.4, 0.4
 * ```
 *
 * Gluon-cv divides by N - 1 because its schedulers end exactly on their last batch; PyTorch's and timm's warmups
 * also start at their start value, and reach the peak one batch later than either form here.
 *
 * @throws RangeError when `peak`, `steps` or `start` is out of range, or a step is not an integer >= 0.
 * @throws TypeError when `form` is not one of the two.
 */
export function linearWarmup({
  peak,
  steps,
  start = 0,
  form = 'paper',
}: LinearWarmupOptions): Schedule {
  if (form !== 'paper' && form !== 'gluon') {
    throw new TypeError(
      `linearWarmup: expected form to be 'paper' or 'gluon', got ${JSON.stringify(form)}. Leave it out for the paper's.`,
    );
  }
  checkPositive('linearWarmup', 'peak', peak);
  // The gluon form of a single batch would divide by zero.
  checkInteger('linearWarmup', 'steps', steps, form === 'gluon' ? 2 : 1);
  checkNumber('linearWarmup', 'start', start, { maximum: peak });
  return (step) => {
    checkStep('linearWarmup', step);
    const fraction = form === 'paper' ? (step + 1) / steps : step / (steps - 1);
    return fraction < 1 ? start + (peak - start) * fraction : peak;
  };
}
