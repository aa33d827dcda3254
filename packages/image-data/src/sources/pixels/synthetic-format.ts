import type { DataFormat, FormatOptions } from '../../formats/format.ts';
import { syntheticImages } from './synthetic-images.ts';

function shapeOf({ synthetic }: Pick<FormatOptions, 'synthetic'>) {
  if (synthetic) return synthetic;
  throw new TypeError(
    'dataset synthetic: expected the shape of the images in `synthetic`, got nothing. Give imageSize, channels, numClasses, trainSamples and evalSamples',
  );
}

/** Made-up images; those to evaluate on are of another stream of the seed. */
export const syntheticFormat: DataFormat = {
  files: false,
  classMap: false,
  traits(options) {
    const { imageSize, channels } = shapeOf(options);
    const same = (value: number) => new Array<number>(channels).fill(value);
    return { imageSize, channels, crop: 'pad', mean: same(128), std: same(40) };
  },
  async open({ split, seed, ...options }) {
    const { trainSamples, evalSamples, ...shape } = shapeOf(options);
    const [size, stream] = split === 'train' ? [trainSamples, 0] : [evalSamples, 1];
    return syntheticImages({ ...shape, size, stream, seed });
  },
};
