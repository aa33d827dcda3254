import type { Precision } from '../contestants/precision.ts';
import type { StepResult } from '../contestants/step-spec.ts';
import { relativeDifference } from '../statistics.ts';

/**
 * How far two libraries may lie apart after the checked steps, from the same weights and the same batch. In low precision
 * each op rounds to 8 (bfloat16) or 11 bits, and each library rounds in other places.
 */
export const TOLERANCES: Readonly<Record<Precision, number>> = {
  float32: 1e-3,
  float16: 1e-2,
  bfloat16: 1e-2,
};

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

/** Whose result it is. */
export interface CheckedContestant {
  readonly name: string;
  readonly precision: Precision;
  readonly result: Checked;
}

/**
 * Refuses to compare the speed of two programs that compute different things; the tolerance is that of the lower precision.
 *
 * @throws Error with the losses of both.
 */
export function requireSameMathematics(
  reference: CheckedContestant,
  other: CheckedContestant,
): void {
  const difference = largestDifference(reference.result, other.result);
  const tolerance = Math.max(TOLERANCES[reference.precision], TOLERANCES[other.precision]);
  if (difference <= tolerance) return;
  const show = ({ name, result }: CheckedContestant) =>
    `${name}: losses ${result.losses.join(', ')}; running variances ${result.runningVarianceSum}`;
  throw new Error(
    `${other.name} does not compute what ${reference.name} computes: they differ by ${difference.toExponential(1)}, ` +
      `allowed are ${tolerance}. Their speed is not compared.\n  ${show(reference)}\n  ${show(other)}`,
  );
}

/**
 * Refuses to call a step bfloat16 or float16 that computes in another type.
 *
 * @throws Error with what it was seen to compute in.
 */
export function requirePrecision(
  { name, precision }: Pick<CheckedContestant, 'name' | 'precision'>,
  { computesIn, matrixOps }: Pick<StepResult, 'computesIn' | 'matrixOps'>,
): void {
  if (computesIn === null || computesIn === precision) return;
  throw new Error(
    `${name} was to compute in ${precision} and was seen to compute in ${computesIn}. Its speed is not compared.` +
      (matrixOps === null ? '' : `\n  ${JSON.stringify(matrixOps)}`),
  );
}
