import { type Interpolation, interpolations } from '@bag-of-tricks/image-resize';
import { requireOneOf, requireRange, requireShare, toSize } from '../check.ts';
import type { ImageSize, PlaceImage, Window } from '../decode/placement.ts';

export interface RandomResizedCropOptions {
  /** The output's height and width, or both at once. */
  readonly size: number | ImageSize;
  /** The least and greatest part of the image's area. Default: `[0.08, 1]`. */
  readonly scale?: readonly [number, number];
  /** The least and greatest width divided by height. Default: `[3/4, 4/3]`. */
  readonly ratio?: readonly [number, number];
  /** Whether the ratio's logarithm is uniform, as in torchvision and timm, or the ratio. Default: `log-uniform`. */
  readonly ratioDistribution?: 'log-uniform' | 'uniform';
  /** The probability of mirroring. Default: 0.5. */
  readonly flip?: number;
  /** The filter that resizes; `random` draws bilinear or bicubic for each image, as timm does. Default: the decoder's. */
  readonly interpolation?: Interpolation | 'random' | undefined;
}

const ATTEMPTS = 10;

/**
 * Crops a random area in a random aspect ratio, resizes it and mirrors half of them: the paper's training input
 * (He et al. 2019, section 2.1; Szegedy et al. 2015).
 *
 * area ~ U[0.08, 1] of the image's, log(width / height) ~ U[log 3/4, log 4/3], position uniform; where ten draws do
 * not fit, the largest central part within the ratios. Always takes 23 draws of `random`, and one more for a random
 * interpolation, so that what follows does not depend on how many attempts were needed.
 *
 * The paper samples the ratio in [3/4, 4/3]; torchvision and timm draw its logarithm uniformly, so that a shape and
 * the same turned by 90 degrees are as likely, and that is the default; `uniform` draws the ratio itself.
 *
 * @example
 * import { randomResizedCrop } from '@bag-of-tricks/image-data';
 *
 * const place = randomResizedCrop({ size: 224 });
 * place({ height: 375, width: 500 }, Math.random).resized; // { height: 224, width: 224 }
 *
 * @throws RangeError - for sizes, ranges, a distribution or a probability that make no sense.
 */
export function randomResizedCrop({
  size,
  scale = [0.08, 1],
  ratio = [3 / 4, 4 / 3],
  ratioDistribution = 'log-uniform',
  flip = 0.5,
  interpolation,
}: RandomResizedCropOptions): PlaceImage {
  const resized = toSize('randomResizedCrop', size);
  requireRange('randomResizedCrop', 'scale', scale, 1);
  requireRange('randomResizedCrop', 'ratio', ratio, Number.MAX_VALUE);
  requireOneOf('randomResizedCrop', 'ratioDistribution', ratioDistribution, [
    'log-uniform',
    'uniform',
  ]);
  requireShare('randomResizedCrop', 'flip', flip);
  const named = interpolation ?? 'bilinear';
  requireOneOf('randomResizedCrop', 'interpolation', named, [...interpolations, 'random']);
  const aspectAt = ratioDistribution === 'uniform' ? between(...ratio) : logBetween(...ratio);
  const shareAt = between(...scale);
  return (image, random) => {
    const shapes = Array.from({ length: ATTEMPTS }, () => ({
      area: image.height * image.width * shareAt(random()),
      aspect: aspectAt(random()),
    }));
    const [down, right, mirror] = [random(), random(), random()];
    const shape = firstThatFits(image, shapes);
    const window = shape ? place(shape, image, down, right) : largestCentral(image, ratio);
    const placement = { window, resized, offset: { top: 0, left: 0 }, flip: mirror < flip };
    if (interpolation === undefined) return placement;
    const drawn = () => (random() < 0.5 ? 'bilinear' : 'bicubic');
    return { ...placement, interpolation: interpolation === 'random' ? drawn() : interpolation };
  };
}

const between = (low: number, high: number) => (draw: number) => low + draw * (high - low);

const logBetween = (low: number, high: number) => {
  const at = between(Math.log(low), Math.log(high));
  return (draw: number) => Math.exp(at(draw));
};

function firstThatFits(
  image: ImageSize,
  shapes: readonly { readonly area: number; readonly aspect: number }[],
): ImageSize | undefined {
  for (const { area, aspect } of shapes) {
    const width = Math.round(Math.sqrt(area * aspect));
    const height = Math.round(Math.sqrt(area / aspect));
    const fits = width > 0 && height > 0 && width <= image.width && height <= image.height;
    if (fits) return { height, width };
  }
  return undefined;
}

function place(
  { height, width }: ImageSize,
  image: ImageSize,
  down: number,
  right: number,
): Window {
  return {
    top: Math.floor(down * (image.height - height + 1)),
    left: Math.floor(right * (image.width - width + 1)),
    height,
    width,
  };
}

function largestCentral(image: ImageSize, [minRatio, maxRatio]: readonly [number, number]): Window {
  const aspect = image.width / image.height;
  const width = aspect > maxRatio ? Math.round(image.height * maxRatio) : image.width;
  const height = aspect < minRatio ? Math.round(image.width / minRatio) : image.height;
  // Neither can vanish: a side is only ever cut towards the length of the other.
  const shown = { height: Math.max(1, height), width: Math.max(1, width) };
  return {
    top: Math.floor((image.height - shown.height) / 2),
    left: Math.floor((image.width - shown.width) / 2),
    ...shown,
  };
}
