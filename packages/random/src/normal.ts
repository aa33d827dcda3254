import type { Random } from './seeded-random.ts';
import { drawUniform } from './uniform.ts';

/**
 * Draws one number from the standard normal distribution N(0, 1) (Box and Muller, 1958).
 *
 * sqrt(-2 log(1 - U1)) cos(2 pi U2) with U1, U2 uniform in [0, 1).
 *
 * @param random - Uniform numbers in [0, 1); called twice.
 * @returns A finite number.
 *
 * @example
 * ```ts
 * const random = seededRandom(42, 'layer1.weight');
 * const weights = Float32Array.from({ length: 9 }, () => 0.1 * sampleNormal(random));
 * ```
 *
 * @throws TypeError if random is no function.
 * @throws RangeError if random() leaves [0, 1).
 */
export function sampleNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - drawUniform('sampleNormal', random)));
  return radius * Math.cos(2 * Math.PI * drawUniform('sampleNormal', random));
}
