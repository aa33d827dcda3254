import type { ImageSize } from '../../decode/placement.ts';
import { rotate, shearX, shearY, translateX, translateY } from './affine.ts';
import { adjustBrightness, adjustColor, adjustContrast, adjustSharpness } from './enhance.ts';
import type { Picture } from './picture.ts';
import { autoContrast, equalize, posterize, solarize } from './tone.ts';

/** What RandAugment and TrivialAugment choose from, in torchvision's order. */
export const operationNames = [
  'identity',
  'shearX',
  'shearY',
  'translateX',
  'translateY',
  'rotate',
  'brightness',
  'color',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'autoContrast',
  'equalize',
] as const;

export type OperationName = (typeof operationNames)[number];

/** Applies an operation by its magnitude, which those without one ignore. */
export const operations: Readonly<
  Record<OperationName, (picture: Picture, magnitude: number) => Picture>
> = {
  identity: (picture) => picture,
  shearX,
  shearY,
  translateX,
  translateY,
  rotate,
  brightness: (picture, magnitude) => adjustBrightness(picture, 1 + magnitude),
  color: (picture, magnitude) => adjustColor(picture, 1 + magnitude),
  contrast: (picture, magnitude) => adjustContrast(picture, 1 + magnitude),
  sharpness: (picture, magnitude) => adjustSharpness(picture, 1 + magnitude),
  posterize,
  solarize,
  autoContrast,
  equalize,
};

/** The greatest magnitudes of a policy. */
export interface MagnitudeLimits {
  readonly shear: number;
  /** In pixels. */
  readonly translate: (size: number) => number;
  /** In degrees. */
  readonly rotate: number;
  /** Of brightness, color, contrast and sharpness. */
  readonly enhance: number;
  /** Bits that posterize drops. */
  readonly posterize: number;
}

/** Magnitudes go from 0 to the greatest in 30 steps. */
export const MAGNITUDE_STEPS = 30;

/** PyTorch's `linspace`, whose single precision decides where a byte is cut to a whole number. */
function linspace(start: number, end: number, step: number): number {
  const [first, last] = [Math.fround(start), Math.fround(end)];
  const width = Math.fround((last - first) / MAGNITUDE_STEPS);
  return step < (MAGNITUDE_STEPS + 1) / 2
    ? Math.fround(first + width * step)
    : Math.fround(last - width * (MAGNITUDE_STEPS - step));
}

/** The magnitude of a step from 0 to 30, and whether half of the draws negate it. */
export function magnitudeOf(
  name: OperationName,
  step: number,
  limits: MagnitudeLimits,
  { height, width }: ImageSize,
): { readonly magnitude: number; readonly signed: boolean } {
  const signed = (greatest: number) => ({ magnitude: linspace(0, greatest, step), signed: true });
  const unsigned = (magnitude: number) => ({ magnitude, signed: false });
  switch (name) {
    case 'shearX':
    case 'shearY':
      return signed(limits.shear);
    case 'translateX':
      return signed(limits.translate(width));
    case 'translateY':
      return signed(limits.translate(height));
    case 'rotate':
      return signed(limits.rotate);
    case 'posterize':
      return unsigned(8 - Math.round((step * limits.posterize) / MAGNITUDE_STEPS));
    case 'solarize':
      return unsigned(linspace(255, 0, step));
    case 'identity':
    case 'autoContrast':
    case 'equalize':
      return unsigned(0);
    default:
      return signed(limits.enhance);
  }
}
