import { checkInteger, checkNumber, checkPositive, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

export interface PolynomialDecayOptions {
  /** Learning rate at step 0, > 0. */
  readonly base: number;
  /** Length `T` of the decay in batches: an integer >= 1. */
  readonly steps: number;
  /** Learning rate at step `T` and after it, between 0 and `base`. Default 0. */
  readonly end?: number;
  /** Exponent, > 0. Default 1, a straight line. */
  readonly power?: number;
}

/**
 * Polynomial learning-rate decay, an alternative to cosine in gluon-cv, the reference code of He et al. 2019.
 *
 * `lr(t) = end + (base - end) * (1 - t / T)^power` for `0 <= t <= T`, and `end` for every step after `T`
 *
 * @example
 * ```ts
 * import { polynomialDecay } from '@bag-of-tricks/lr-schedules';
 *
 * const schedule = polynomialDecay({ base: 0.1, steps: 1000, power: 2 });
 * ```
 *
 * Gluon-cv's training script uses power 2 for its `poly` mode and divides by `T - 1`; PyTorch's `PolynomialLR`
 * has power 1 and `T` as here.
 *
 * @throws RangeError when an option is out of range, or a step is not an integer >= 0.
 */
export function polynomialDecay({
  base,
  steps,
  end = 0,
  power = 1,
}: PolynomialDecayOptions): Schedule {
  checkPositive('polynomialDecay', 'base', base);
  checkInteger('polynomialDecay', 'steps', steps, 1);
  checkNumber('polynomialDecay', 'end', end, { maximum: base });
  checkPositive('polynomialDecay', 'power', power);
  return (step) => {
    checkStep('polynomialDecay', step);
    if (step >= steps) return end;
    return end + (base - end) * (1 - step / steps) ** power;
  };
}
