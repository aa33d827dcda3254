import type { Random } from './seeded-random.ts';

/**
 * Draws one number from a generator that a caller passed in, and checks it: a bad one would end as NaN or as a loop
 * without end. Every sampler here draws through it; use it in samplers of your own.
 *
 * @param caller - Name of the function whose caller passed `random`, for the message.
 * @param random - Uniform numbers in [0, 1).
 * @returns A number in [0, 1).
 *
 * @example
 * ```ts
 * const exponential = (random: Random) => -Math.log(1 - drawUniform('exponential', random));
 * console.log(exponential(seededRandom(42)));
 * ```
 *
 * @throws TypeError if random is no function.
 * @throws RangeError if random() returns something else than a number in [0, 1).
 */
export function drawUniform(caller: string, random: Random): number {
  if (typeof random !== 'function') {
    throw new TypeError(
      `${caller}: expected random to be a function that returns numbers in [0, 1), got ${typeof random}. Pass seededRandom(seed).`,
    );
  }
  const u = random();
  if (!(u >= 0 && u < 1)) {
    throw new RangeError(
      `${caller}: expected random() to return a number in [0, 1), got ${String(u)}. Pass seededRandom(seed).`,
    );
  }
  return u;
}
