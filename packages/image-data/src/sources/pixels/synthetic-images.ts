import { seededRandom } from '@bag-of-tricks/random';
import { requireCount } from '../../check.ts';
import type { Channels, ImageSource } from '../../source.ts';
import { checkIndex } from '../check-index.ts';
import { numbers } from '../shards/shard-classes.ts';

/** Options of `syntheticImages`. */
export interface SyntheticImagesOptions {
  /** How many images. */
  readonly size: number;
  /** Height and width in pixels. */
  readonly imageSize: number;
  readonly numClasses: number;
  /** Default: 3. */
  readonly channels?: Channels;
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
  channels = 3,
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
      const pixels = new Uint8Array(imageSize * imageSize * channels);
      paint(pixels, { imageSize, angle: (2 * Math.PI * label) / numClasses, channels, random });
      return { kind: 'pixels', pixels, height: imageSize, width: imageSize, channels };
    },
    close: async () => {},
  };
}

interface Paint {
  readonly imageSize: number;
  readonly channels: Channels;
  /** Of the gradient. */
  readonly angle: number;
  readonly random: () => number;
}

function paint(pixels: Uint8Array, { imageSize, channels, angle, random }: Paint): void {
  const [right, down] = [Math.cos(angle) / imageSize, Math.sin(angle) / imageSize];
  for (let y = 0, i = 0; y < imageSize; y++) {
    for (let x = 0; x < imageSize; x++) {
      // From -1.42 to 1.42 along the gradient, so between 5 and 251.
      const base = 96 + 64 * (x * right + y * down);
      for (let c = 0; c < channels; c++) pixels[i++] = base + 64 * random();
    }
  }
}
