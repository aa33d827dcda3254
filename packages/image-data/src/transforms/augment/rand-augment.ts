import { requireWhole } from '../../check.ts';
import {
  MAGNITUDE_STEPS,
  type MagnitudeLimits,
  magnitudeOf,
  operationNames,
  operations,
} from './operations.ts';
import { type Picture, requirePicture } from './picture.ts';

const limits: MagnitudeLimits = {
  shear: 0.3,
  translate: (size) => (150 / 331) * size,
  rotate: 30,
  enhance: 0.9,
  posterize: 4,
};

export interface RandAugmentOptions {
  /** Operations one after the other. Default: 2. */
  readonly count?: number;
  /** A whole number from 0 to 30, for all operations. Default: 9. */
  readonly magnitude?: number;
}

/**
 * Applies operations drawn from fourteen at one magnitude (Cubuk et al. 2020), with torchvision's operations and
 * magnitudes, on a decoded image. Takes two draws an operation.
 *
 * Nearest neighbours and black outside, as torchvision's defaults; timm's RandAugment differs in its operations.
 *
 * @returns A new picture, or the same if only `identity` was drawn; the given one stays as it is.
 *
 * @example
 * import { randAugment } from '@bag-of-tricks/image-data';
 *
 * const picture = { pixels: new Uint8Array(32 * 32 * 3), height: 32, width: 32 };
 * const augmented = randAugment(picture, Math.random, { count: 2, magnitude: 9 });
 *
 * @throws RangeError - if the pixels do not fit the size, or count or magnitude is out of range.
 */
export function randAugment(
  picture: Picture,
  random: () => number,
  { count = 2, magnitude = 9 }: RandAugmentOptions = {},
): Picture {
  requirePicture('randAugment', picture);
  requireWhole('randAugment', 'count', count);
  requireWhole('randAugment', 'magnitude', magnitude, [0, MAGNITUDE_STEPS]);
  let augmented = picture;
  for (let applied = 0; applied < count; applied++) {
    const name = operationNames[Math.floor(random() * operationNames.length)]!;
    const strength = magnitudeOf(name, magnitude, limits, picture);
    const negated = random() < 0.5 && strength.signed;
    augmented = operations[name](augmented, negated ? -strength.magnitude : strength.magnitude);
  }
  return augmented;
}
