import {
  BadImageError,
  createImageDecoder,
  type ImageSource,
  openSources,
} from '@bag-of-tricks/image-data';
import type { DatasetConfig } from './open.ts';
import { requireClasses } from './open.ts';

/** What can be said of images before any is decoded. */
export interface ImagesSeen {
  readonly trainImages: number;
  readonly classes: number;
  /** The median of the shorter sides of a sample, in pixels; null where no header of it can be read. */
  readonly shorterSide: number | null;
}

/** Images whose headers are read, evenly spaced. */
const sampled = 64;

/**
 * Counts the training images and reads the headers of some.
 *
 * @throws What opening them for the training throws.
 */
export async function lookAtImages(
  { dataset, ...choice }: Omit<DatasetConfig, 'input' | 'augment'>,
  signal?: AbortSignal,
): Promise<ImagesSeen> {
  if (dataset === 'own') throw new Error('lookAtImages: expected images in files, got own');
  // What is odd about them is said when the run opens them.
  const { train, eval: evaluation } = await openSources({ ...choice, dataset, signal });
  try {
    requireClasses(train!, choice.dataDir);
    const trainImages = Math.min(train!.size, choice.limitSamples ?? train!.size);
    const shorterSide = await medianSide(train!, signal);
    return { trainImages, classes: train!.classNames.length, shorterSide };
  } finally {
    await train!.close();
    await evaluation.close();
  }
}

async function medianSide(source: ImageSource, signal?: AbortSignal): Promise<number | null> {
  const decoder = await createImageDecoder({ size: 8, threads: 1 });
  try {
    const count = Math.min(sampled, source.size);
    const sides: number[] = [];
    for (let i = 0; i < count; i++) {
      const index = Math.floor((i * source.size) / count);
      try {
        const image = await source.read(index, signal);
        const { width, height } = decoder.header(image, source.describe(index));
        sides.push(Math.min(width, height));
      } catch (error) {
        if (!(error instanceof BadImageError)) throw error;
      }
    }
    return sides.sort((a, b) => a - b)[sides.length >> 1] ?? null;
  } finally {
    await decoder.dispose();
  }
}
