import { checkBoundaries, checkFactor, checkPositive, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

export interface StepDecayOptions {
  /** Learning rate before the first boundary, > 0. */
  readonly base: number;
  /** Steps from which the rate is lower: at least one, increasing integers >= 1. */
  readonly boundaries: readonly number[];
  /** What the rate is multiplied by at each boundary, strictly between 0 and 1. Default 0.1. */
  readonly factor?: number;
}

/**
 * The learning rate falls by a factor at given steps, the paper's baseline (He et al. 2019, section 2.1).
 *
 * `lr(step) = base * factor^k`, where `k` is the number of boundaries `<= step`
 *
 * The update at a boundary is the first that uses the lower rate; after the last boundary the rate stays.
 * The paper divides by 10 at epochs 30, 60 and 90 of 120: multiply the epochs by the batches of an epoch.
 *
 * @example
 * ```ts
 * import { stepDecay } from '@bag-of-tricks/lr-schedules';
 *
 * const stepsPerEpoch = 5004;
 * const schedule = stepDecay({ base: 0.1, boundaries: [30, 60, 90].map((epoch) => epoch * stepsPerEpoch) });
 * ```
 *
 * Under `withWarmup` the boundaries count from the end of the warmup: subtract it, as gluon-cv's script does, to
 * keep the paper's epochs.
 *
 * @throws RangeError when an option is out of range, or a step is not an integer >= 0.
 */
export function stepDecay({ base, boundaries, factor = 0.1 }: StepDecayOptions): Schedule {
  checkPositive('stepDecay', 'base', base);
  checkFactor('stepDecay', factor);
  if (boundaries.length === 0) {
    throw new RangeError(
      'stepDecay: expected at least one boundary, got none. Use constant(base) for a rate that never falls.',
    );
  }
  checkBoundaries('stepDecay', boundaries);
  const ownBoundaries = [...boundaries];
  return (step) => {
    checkStep('stepDecay', step);
    const passed = ownBoundaries.filter((boundary) => boundary <= step).length;
    return base * factor ** passed;
  };
}
