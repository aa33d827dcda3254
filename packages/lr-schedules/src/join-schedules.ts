import { checkBoundaries, checkStep } from './check.ts';
import type { Schedule } from './schedule.ts';

/**
 * Runs one schedule after the other, each from its own step 0.
 *
 * `lr(step) = schedules[k](step - boundaries[k-1])`, where `k` is the number of boundaries `<= step` and the first
 * schedule starts at 0
 *
 * @param schedules At least one.
 * @param boundaries The step at which each schedule after the first takes over: one fewer than schedules,
 * increasing integers >= 1.
 *
 * @example
 * ```ts
 * import { constant, cosineDecay, joinSchedules } from '@bag-of-tricks/lr-schedules';
 *
 * const schedule = joinSchedules([constant(0.1), cosineDecay({ peak: 0.1, steps: 500 })], [1000]);
 * ```
 *
 * Same meaning as `optax.join_schedules`.
 *
 * @throws RangeError when the counts do not fit, the boundaries do not increase, or a step is not an integer >= 0.
 */
export function joinSchedules(
  schedules: readonly Schedule[],
  boundaries: readonly number[],
): Schedule {
  if (schedules.length === 0 || boundaries.length !== schedules.length - 1) {
    throw new RangeError(
      `joinSchedules: expected one boundary fewer than schedules, got ${schedules.length} schedules and ${boundaries.length} boundaries. Give the step at which each schedule after the first takes over.`,
    );
  }
  checkBoundaries('joinSchedules', boundaries);
  const parts = schedules.map((schedule, i) => ({
    schedule,
    start: i === 0 ? 0 : boundaries[i - 1]!,
  }));
  return (step) => {
    checkStep('joinSchedules', step);
    const { schedule, start } = parts.findLast((part) => part.start <= step)!;
    return schedule(step - start);
  };
}
