import { seededRandom } from '@bag-of-tricks/random';
import { requireCount } from '../../check.ts';
import type { ImageSource } from '../../source.ts';
import { checkIndex } from '../check-index.ts';
import { numbers } from '../shards/shard-classes.ts';

/** Options of `syntheticImages`. */
export interface SyntheticImagesOptions {
  /** How many images. */
  readonly size: number;
  /** Height and width in pixels. */
  readonly imageSize: number;
  readonly numClasses: number;
  /** Default: 0. */
  readonly seed?: number;
  /** Another stream of the same seed holds other images, such as 0 for training and 1 for evaluation. Default: 0. */
  readonly stream?: number;
}

/**
 * Images of noise over a brightness gradient whose direction tells the class: learnable, and needing no file. For
 * benchmarks and smoke tests. An image depends on (seed, stream, index) alone and is made when it is read.
 *
 * @example
 * ```ts
 * import { syntheticImages } from '@bag-of-tricks/image-data';
 *
 * const source = syntheticImages({ size: 1000, imageSize: 32, numClasses: 10 });
 * const image = await source.read(7);
 * console.log(source.label(7), image.kind); // a number below 10, 'pixels'
 * ```
 *
 * @throws RangeError when a number is no positive integer, or seed or stream no integer.
 */
export function syntheticImages({
  size,
  imageSize,
  numClasses,
  seed = 0,
  stream = 0,
}: SyntheticImagesOptions): ImageSource {
  for (const [option, value] of Object.entries({ size, imageSize, numClasses })) {
    requireCount('syntheticImages', option, value);
  }
  const name = 'synthetic images';
  const draws = (index: number) => {
    checkIndex(index, size, name);
    const random = seededRandom(seed, stream, index);
    return { label: Math.floor(random() * numClasses), random };
  };
  return {
    name,
    classNames: numbers(numClasses).map((number) => `direction ${number}`),
    size,
    describe: (index) => `${name}:${index}`,
    label: (index) => draws(index).label,
    async read(index, signal) {
      signal?.throwIfAborted();
      const { label, random } = draws(index);
      const pixels = paint(imageSize, (2 * Math.PI * label) / numClasses, random);
      return { kind: 'pixels', pixels, height: imageSize, width: imageSize };
    },
    close: async () => {},
  };
}

function paint(imageSize: number, angle: number, random: () => number): Uint8Array {
  const pixels = new Uint8Array(3 * imageSize * imageSize);
  for (let y = 0, i = 0; y < imageSize; y++) {
    for (let x = 0; x < imageSize; x++) {
      const along = (x * Math.cos(angle) + y * Math.sin(angle)) / imageSize;
      // From -1.42 to 1.42 along the gradient, so between 5 and 251.
      for (let c = 0; c < 3; c++) pixels[i++] = 96 + 64 * along + 64 * random();
    }
  }
  return pixels;
}
