import { requireRange, requireShare } from '../../check.ts';
import { channelsOf, type Picture, requirePicture } from './picture.ts';

export interface RandomErasingOptions {
  /** How often. Default: 0.25. */
  readonly probability?: number;
  /** The least and greatest part of the image's area. Default: `[0.02, 1/3]`. */
  readonly area?: readonly [number, number];
  /** The least and greatest height divided by width. Default: `[0.3, 1 / 0.3]`. */
  readonly ratio?: readonly [number, number];
  /** What is put there, a number a channel. Default: ImageNet's mean, which normalising makes 0; its grey on a grey image. */
  readonly color?: readonly number[];
}

const ATTEMPTS = 10;

/**
 * Overwrites a random rectangle of an image with one colour (Zhong et al. 2020), with timm's defaults.
 *
 * area ~ U[0.02, 1/3] of the image's, log(height / width) ~ U[log 0.3, log 1/0.3]; the first of ten draws that fits is
 * taken, and none if none does. Always takes 23 draws. timm and torchvision erase after normalising, to 0: the mean's
 * colour is that, to half a level.
 *
 * @returns A new picture, or the same if nothing is erased; the given one stays as it is.
 *
 * @example
 * import { randomErasing } from '@bag-of-tricks/image-data';
 *
 * const picture = { pixels: new Uint8Array(32 * 32 * 3), height: 32, width: 32 };
 * const erased = randomErasing(picture, Math.random, { probability: 0.25 });
 *
 * @throws RangeError - if the pixels do not fit the size, or an option makes no sense.
 */
export function randomErasing(
  picture: Picture,
  random: () => number,
  {
    probability = 0.25,
    area = [0.02, 1 / 3],
    ratio = [0.3, 1 / 0.3],
    color = channelsOf(picture) === 1 ? [118] : [124, 117, 104],
  }: RandomErasingOptions = {},
): Picture {
  requirePicture('randomErasing', picture);
  requireShare('randomErasing', 'probability', probability);
  requireRange('randomErasing', 'area', area, 1);
  requireRange('randomErasing', 'ratio', ratio, Number.MAX_VALUE);
  const { height, width } = picture;
  const channels = channelsOf(picture);
  if (color.length !== channels) {
    throw new RangeError(
      `randomErasing: expected color to be ${channels} number${channels === 1 ? '' : 's'}, one a channel, got [${color}].`,
    );
  }
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
  const wanted = random() < probability;
  const shapes = Array.from({ length: ATTEMPTS }, () => {
    const pixels = height * width * (area[0] + random() * (area[1] - area[0]));
    const aspect = Math.exp(low + random() * (high - low));
    return {
      height: Math.round(Math.sqrt(pixels * aspect)),
      width: Math.round(Math.sqrt(pixels / aspect)),
    };
  });
  const [down, right] = [random(), random()];
  const shape = shapes.find((each) => each.height < height && each.width < width);
  if (!wanted || shape === undefined) return picture;
  const top = Math.floor(down * (height - shape.height + 1));
  const left = Math.floor(right * (width - shape.width + 1));
  const pixels = picture.pixels.slice();
  for (let row = top; row < top + shape.height; row++) {
    for (let column = left; column < left + shape.width; column++) {
      pixels.set(color, (row * width + column) * channels);
    }
  }
  return { pixels, height, width };
}
