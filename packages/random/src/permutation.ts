import type { Random } from './seeded-random.ts';
import { drawUniform } from './uniform.ts';

/**
 * Draws a uniformly random order of 0 .. size - 1 (Fisher and Yates' shuffle, from the front).
 *
 * @param size - How many numbers: an integer from 0 to 2^31 - 1, such as the batch size.
 * @param random - Uniform numbers in [0, 1); called `count` times.
 * @param options - `count` = `size`: return only the first `count` numbers of the order, which are a random choice.
 * @returns An array of `count` of the numbers 0 .. size - 1, none of them twice.
 *
 * @example
 * ```ts
 * const order = permutation(8, seededRandom(42));
 * const three = permutation(1000, seededRandom(42), { count: 3 });
 * ```
 *
 * @throws TypeError if random is no function.
 * @throws RangeError if size or count is out of range, or random() leaves [0, 1).
 */
export function permutation(
  size: number,
  random: Random,
  { count = size }: { readonly count?: number } = {},
): Int32Array {
  checkInteger('size', size, 2 ** 31 - 1);
  checkInteger('count', count, size);
  const order = new Int32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(drawUniform('permutation', random) * (size - i));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return count === size ? order : order.slice(0, count);
}

function checkInteger(name: string, value: number, largest: number): void {
  if (!Number.isInteger(value) || value < 0 || value > largest) {
    throw new RangeError(
      `permutation: expected ${name} to be an integer from 0 to ${largest}, got ${String(value)}. Pass how many numbers you need.`,
    );
  }
}
