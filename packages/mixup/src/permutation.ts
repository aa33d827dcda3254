import type { Random } from './random.ts';
import { drawUniform } from './uniform.ts';

/**
 * Draws a uniformly random order of 0 .. n-1 (Fisher and Yates' shuffle, as in Durstenfeld, 1964).
 *
 * @param n - How many: an integer >= 0, normally the batch size.
 * @param random - Uniform numbers in [0, 1); called n - 1 times.
 * @returns Each of 0 .. n-1 once, ready for the option `permutation` of `mixup` and `cutmix`.
 *
 * @example
 * ```ts
 * const order = permutation(8, createRandom(1));
 * ```
 *
 * @throws RangeError if n is not an integer >= 0, or random() leaves [0, 1).
 */
export function permutation(n: number, random: Random): Int32Array {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new RangeError(
      `permutation: expected n to be an integer from 0 to 2^31 - 1, got ${String(n)}. Pass the batch size.`,
    );
  }
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(drawUniform('permutation', random) * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
