import { seededRandom } from '@bag-of-tricks/random';
import type { ImageSet, ImagesInMemory } from './dataset.ts';
import { purpose } from './seed.ts';

/** Options of `syntheticDataset`. */
export interface SyntheticOptions {
  readonly imageSize: number;
  readonly channels: number;
  readonly numClasses: number;
  readonly trainSamples: number;
  readonly evalSamples: number;
  readonly seed: number;
}

/**
 * Images of noise over a brightness gradient whose direction tells the class: learnable, and needing no file.
 * For benchmarks and smoke tests of the whole path.
 */
export function syntheticDataset(options: SyntheticOptions): ImagesInMemory {
  const { imageSize, channels, numClasses, seed } = options;
  const pixels = imageSize * imageSize * channels;

  const imageSet = (size: number, split: number): ImageSet => {
    const images = new Uint8Array(size * pixels);
    const labels = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      const random = seededRandom(seed, split, purpose.synthetic, i);
      const label = Math.floor(random() * numClasses);
      labels[i] = label;
      const angle = (2 * Math.PI * label) / numClasses;
      for (let y = 0; y < imageSize; y++) {
        for (let x = 0; x < imageSize; x++) {
          const along = (x * Math.cos(angle) + y * Math.sin(angle)) / imageSize;
          for (let c = 0; c < channels; c++) {
            images[i * pixels + (y * imageSize + x) * channels + c] =
              96 + 64 * along + 64 * random();
          }
        }
      }
    }
    return { images, labels, size };
  };

  return {
    name: 'synthetic',
    imageShape: [imageSize, imageSize, channels],
    classNames: Array.from({ length: numClasses }, (_, i) => `direction ${i}`),
    mean: Array.from({ length: channels }, () => 128),
    std: Array.from({ length: channels }, () => 40),
    train: imageSet(options.trainSamples, 0),
    eval: imageSet(options.evalSamples, 1),
  };
}
