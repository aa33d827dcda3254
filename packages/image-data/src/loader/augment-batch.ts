import type { Picture } from '../transforms/augment/picture.ts';
import type { LoadedBatch } from './batch.ts';

/** Changes a decoded image, with uniform numbers in [0, 1): `randAugment`, `trivialAugment`, `randomErasing`, or your own. */
export type AugmentImage = (picture: Picture, random: () => number) => Picture;

/** What `augmentBatch` works with. */
export interface AugmentBatchParts {
  readonly augment: AugmentImage;
  /** The random numbers of a row's image. */
  readonly randomOf: (row: number, index: number) => () => number;
}

/**
 * Changes each image of a batch in its place.
 *
 * @throws RangeError when an image comes back in another size.
 */
export function augmentBatch(
  { images, indices, imageShape: [height, width, channels] }: LoadedBatch,
  { augment, randomOf }: AugmentBatchParts,
): void {
  const pixels = height * width * channels;
  for (const [row, index] of indices.entries()) {
    const own = images.subarray(row * pixels, (row + 1) * pixels);
    const changed = augment({ height, width, pixels: own }, randomOf(row, index));
    if (changed.height !== height || changed.width !== width || changed.pixels.length !== pixels) {
      throw new RangeError(
        `trainBatches: expected augment to return a picture of ${height}x${width}x${channels}, got ${changed.height}x${changed.width} with ${changed.pixels.length} bytes.`,
      );
    }
    if (changed.pixels !== own) own.set(changed.pixels);
  }
}
