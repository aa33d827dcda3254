import { permutation, seededRandom } from '@bag-of-tricks/random';

/** What a draw is for: the third part of its key. */
export const purpose = { shuffle: 1, place: 2, limit: 3, augment: 4, color: 5 } as const;

/**
 * The images that a run uses: all of them, or `limitSamples` drawn by the seed, the same in every epoch. They are drawn because
 * sources list class by class, and the first ones would be of one class. Ascending indices.
 */
export function usedImages(
  size: number,
  { limitSamples, seed }: { readonly limitSamples: number | null; readonly seed: number },
): Int32Array {
  if (limitSamples === null || limitSamples >= size)
    return Int32Array.from({ length: size }, (_, i) => i);
  const random = seededRandom(seed, 0, purpose.limit);
  return permutation(size, random, { count: limitSamples }).sort();
}

/** The order in which an epoch shows `images`: a permutation that depends on (seed, epoch) alone. */
export function epochOrder(
  images: Int32Array,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Int32Array {
  const order = permutation(images.length, seededRandom(seed, epoch, purpose.shuffle));
  return order.map((place) => images[place]!);
}
