import {
  MAGNITUDE_STEPS,
  type MagnitudeLimits,
  magnitudeOf,
  operationNames,
  operations,
} from './operations.ts';
import { type Picture, requirePicture } from './picture.ts';

const limits: MagnitudeLimits = {
  shear: 0.99,
  translate: () => 32,
  rotate: 135,
  enhance: 0.99,
  posterize: 6,
};

/**
 * Applies one of fourteen operations at a random magnitude (Müller and Hutter 2021, "wide"), with torchvision's
 * operations and magnitudes, on a decoded image. Takes three draws.
 *
 * @returns A new picture, or the same if `identity` was drawn; the given one stays as it is.
 *
 * @example
 * import { trivialAugment } from '@bag-of-tricks/image-data';
 *
 * const picture = { pixels: new Uint8Array(32 * 32 * 3), height: 32, width: 32 };
 * const augmented = trivialAugment(picture, Math.random);
 *
 * @throws RangeError - if the pixels do not fit the size.
 */
export function trivialAugment(picture: Picture, random: () => number): Picture {
  requirePicture('trivialAugment', picture);
  const name = operationNames[Math.floor(random() * operationNames.length)]!;
  const step = Math.floor(random() * (MAGNITUDE_STEPS + 1));
  const { magnitude, signed } = magnitudeOf(name, step, limits, picture);
  const negated = random() < 0.5 && signed;
  return operations[name](picture, negated ? -magnitude : magnitude);
}
