import { checkNumber, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

/**
 * The same learning rate at every step.
 *
 * `lr(step) = value`
 *
 * @param value Learning rate, >= 0.
 *
 * @example
 * ```ts
 * import { constant, withWarmup } from '@bag-of-tricks/lr-schedules';
 *
 * const schedule = withWarmup(constant(0.1), { steps: 500 });
 * ```
 *
 * @throws RangeError when `value` is negative or not finite, or a step is not an integer >= 0.
 */
export function constant(value: number): Schedule {
  checkNumber('constant', 'value', value);
  return (step) => {
    checkStep('constant', step);
    return value;
  };
}
