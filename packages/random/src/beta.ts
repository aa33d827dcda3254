import { sampleNormal } from './normal.ts';
import type { Random } from './seeded-random.ts';
import { drawUniform } from './uniform.ts';

/** Below, log(U) / a would overflow; above, the rejection test would lose its digits. */
const MIN_SHAPE = 1e-300;
const MAX_SHAPE = 1e9;
/** At least 95 of 100 proposals are accepted, so so many refusals in a row mean a broken generator. */
const MAX_REJECTIONS = 1000;

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
 * import { sampleBeta, seededRandom } from '@bag-of-tricks/random';
 *
 * const lambda = sampleBeta(0.2, 0.2, seededRandom(42));
 * ```
 *
 * @throws RangeError if a or b is out of range, or random() leaves [0, 1).
 * @throws Error if random() is so far from random that no proposal is ever accepted.
 */
export function sampleBeta(a: number, b: number, random: Random): number {
  checkShape('a', a);
  checkShape('b', b);
  const draw = () => drawUniform('sampleBeta', random);
  const logX = sampleLogGamma(a, draw);
  const logY = sampleLogGamma(b, draw);
  return 1 / (1 + Math.exp(logY - logX));
}

/**
 * The logarithm of a Gamma(shape, 1) variate (Marsaglia and Tsang, 2000). The logarithm, because with a
 * shape much below 1 the variate itself underflows to zero.
 */
function sampleLogGamma(shape: number, random: Random): number {
  if (shape < 1) {
    // G(a) = G(a + 1) U^(1/a)
    const logU = Math.log(1 - random());
    return sampleLogGamma(shape + 1, random) + logU / shape;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let i = 0; i < MAX_REJECTIONS; i++) {
    const x = sampleNormal(random);
    const v = (1 + c * x) ** 3;
    const logU = Math.log(1 - random());
    if (v > 0 && logU <= 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d) + Math.log(v);
  }
  throw new Error(
    `sampleBeta: expected random() to return independent numbers, but ${MAX_REJECTIONS} proposals in a row were refused. Pass seededRandom(seed).`,
  );
}

function checkShape(name: string, value: number): void {
  if (!(value >= MIN_SHAPE && value <= MAX_SHAPE)) {
    throw new RangeError(
      `sampleBeta: expected ${name} to be a number from ${MIN_SHAPE} to ${MAX_SHAPE}, got ${String(value)}. Mixup uses 0.2.`,
    );
  }
}
