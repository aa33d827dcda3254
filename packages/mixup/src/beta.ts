import { sampleLogGamma } from './gamma.ts';
import type { Random } from './random.ts';

/** Below, log(U) / a would overflow; above, the rejection test would lose its digits. */
const MIN_SHAPE = 1e-300;
const MAX_SHAPE = 1e9;

/**
 * Draws one number from the Beta(a, b) distribution.
 *
 * X / (X + Y) with X ~ Gamma(a), Y ~ Gamma(b), computed from log X and log Y as 1 / (1 + exp(log Y - log X)):
 * exact in distribution also where X and Y themselves would be 0 in floating point (a, b much below 1, as in mixup).
 *
 * @param a - First shape, 1e-300 <= a <= 1e9.
 * @param b - Second shape, the same range.
 * @param random - Uniform numbers in [0, 1). How many are drawn varies from call to call.
 * @returns A number in [0, 1]. With small shapes it is often so near an end that it rounds to 0 or 1.
 *
 * @example
 * ```ts
 * const lambda = sampleBeta(0.2, 0.2, createRandom(42));
 * ```
 *
 * @throws RangeError if a or b is out of range, or random() leaves [0, 1).
 * @throws Error if random() is so far from random that no proposal is ever accepted.
 */
export function sampleBeta(a: number, b: number, random: Random): number {
  checkShape('a', a);
  checkShape('b', b);
  const logX = sampleLogGamma('sampleBeta', a, random);
  const logY = sampleLogGamma('sampleBeta', b, random);
  return 1 / (1 + Math.exp(logY - logX));
}

function checkShape(name: string, value: number): void {
  if (!(value >= MIN_SHAPE && value <= MAX_SHAPE)) {
    throw new RangeError(
      `sampleBeta: expected ${name} to be a number from ${MIN_SHAPE} to ${MAX_SHAPE}, got ${String(value)}. Mixup uses 0.2.`,
    );
  }
}
