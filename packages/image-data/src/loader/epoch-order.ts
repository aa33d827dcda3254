import { seededRandom } from './seeded-random.ts';

/** What a draw is for: the third part of its seed. */
export const purpose = { shuffle: 1, place: 2, limit: 3, augment: 4, color: 5 } as const;

/** Puts the first `count` numbers of a uniformly random order in front (Fisher and Yates). */
function shuffle(numbers: Int32Array, count: number, random: () => number): void {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (numbers.length - i));
    const held = numbers[i]!;
    numbers[i] = numbers[j]!;
    numbers[j] = held;
  }
}

/**
 * The images that a run uses: all of them, or `limitSamples` drawn by the seed, the same in every epoch. They are drawn because
 * sources list class by class, and the first ones would be of one class. Ascending indices.
 */
export function usedImages(
  size: number,
  { limitSamples, seed }: { readonly limitSamples: number | null; readonly seed: number },
): Int32Array {
  const indices = new Int32Array(size);
  for (let index = 0; index < size; index++) indices[index] = index;
  if (limitSamples === null || limitSamples >= size) return indices;
  shuffle(indices, limitSamples, seededRandom(seed, 0, purpose.limit));
  return indices.slice(0, limitSamples).sort();
}

/** The order in which an epoch shows `images`: a permutation that depends on (seed, epoch) alone. */
export function epochOrder(
  images: Int32Array,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Int32Array {
  const order = images.slice();
  shuffle(order, order.length, seededRandom(seed, epoch, purpose.shuffle));
  return order;
}
