import type { InputResult } from '../contestants/input-spec.ts';
import { mean } from '../statistics.ts';

/** How far mean pixels of the same image may lie apart, of 255: decoders and resizers round. */
const SAME_IMAGE = 1;

/** How far those of all images together may, of 255, where each drew its crops: their spread is that of one crop, 50 or so, by the root of their number. */
function sameCrops(images: number): number {
  return 200 / Math.sqrt(Math.max(images, 1));
}

/** Whose result it is. */
export interface CheckedImages {
  readonly name: string;
  readonly result: Pick<InputResult, 'imageMeans'>;
}

/** The largest difference of mean pixels: image by image in evaluation, of all together in training; Infinity for others. */
export function imageDifference(
  a: CheckedImages,
  b: CheckedImages,
  transform: 'train' | 'eval',
): number {
  const [x, y] = [a.result.imageMeans, b.result.imageMeans];
  if (x.length === 0 || x.length !== y.length) return Number.POSITIVE_INFINITY;
  const difference =
    transform === 'train'
      ? Math.abs(mean(x) - mean(y))
      : x.reduce((largest, value, index) => Math.max(largest, Math.abs(value - y[index]!)), 0);
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
}

/**
 * Refuses to compare the speed of two loaders that make different images.
 *
 * @throws Error naming both.
 */
export function requireSameImages(
  reference: CheckedImages,
  other: CheckedImages,
  transform: 'train' | 'eval',
): void {
  const difference = imageDifference(reference, other, transform);
  const count = reference.result.imageMeans.length;
  const tolerance = transform === 'train' ? sameCrops(count) : SAME_IMAGE;
  if (difference <= tolerance) return;
  throw new Error(
    `${other.name} does not make the images that ${reference.name} makes: their mean pixels differ by ${difference.toFixed(2)} ` +
      `of 255, allowed are ${tolerance.toFixed(1)} (${other.result.imageMeans.length} and ${count} images). ` +
      'Their speed is not compared.',
  );
}
