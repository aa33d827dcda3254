import type { StepResult } from '../contestants/step-spec.ts';
import { relativeDifference } from '../statistics.ts';

/** How far two libraries may lie apart after the checked steps, from the same weights and the same batch. */
export const TOLERANCE = 1e-3;

/** What is compared of a result. */
export type Checked = Pick<StepResult, 'losses' | 'runningVarianceSum'>;

/** The largest relative difference between two results; Infinity where a value is no number. */
export function largestDifference(a: Checked, b: Checked): number {
  if (a.losses.length === 0 || a.losses.length !== b.losses.length) return Number.POSITIVE_INFINITY;
  const pairs = [
    ...a.losses.map((loss, step) => [loss, b.losses[step]!] as const),
    [a.runningVarianceSum, b.runningVarianceSum] as const,
  ];
  const differences = pairs.map(([x, y]) => relativeDifference(x, y));
  return differences.every(Number.isFinite) ? Math.max(...differences) : Number.POSITIVE_INFINITY;
}

/**
 * Refuses to compare the speed of two programs that compute different things.
 *
 * @throws Error with the losses of both.
 */
export function requireSameMathematics(
  reference: { readonly name: string; readonly result: Checked },
  other: { readonly name: string; readonly result: Checked },
): void {
  const difference = largestDifference(reference.result, other.result);
  if (difference <= TOLERANCE) return;
  const show = ({ name, result }: typeof reference) =>
    `${name}: losses ${result.losses.join(', ')}; running variances ${result.runningVarianceSum}`;
  throw new Error(
    `${other.name} does not compute what ${reference.name} computes: they differ by ${difference.toExponential(1)}, ` +
      `allowed are ${TOLERANCE}. Their speed is not compared.\n  ${show(reference)}\n  ${show(other)}`,
  );
}
