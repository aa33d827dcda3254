import {
  createImageDecoder,
  expectKept,
  openSources,
  sampleHeaders,
} from '@bag-of-tricks/image-data';
import { jpegDecoderOn } from '../backend.ts';
import type { DatasetConfig } from './open.ts';
import { requireClasses } from './open.ts';

/** What can be said of images before any is decoded. */
export interface ImagesSeen {
  readonly trainImages: number;
  readonly evalImages: number;
  readonly classes: number;
  /** The median of the shorter sides of a sample, in pixels; null where no header of it can be read. */
  readonly shorterSide: number | null;
  /** Bytes of memory that decoded images will take, kept from epoch to epoch. */
  readonly cacheBytes: number;
}

/**
 * Counts the training images and reads the headers of some.
 *
 * @throws What opening them for the training throws.
 */
export async function lookAtImages(
  { dataset, input, backend, ...choice }: Omit<DatasetConfig, 'augment'>,
  signal?: AbortSignal,
): Promise<ImagesSeen> {
  if (dataset === 'own') throw new Error('lookAtImages: expected images in files, got own');
  // Of images that can be trained on, the run says what is odd when it opens them.
  const odd: string[] = [];
  const onWarning = (line: string) => void odd.push(line);
  const opening = { ...choice, dataset, signal, onWarning };
  const { train, eval: evaluation } = await openSources(opening);
  const jpegDecoder = jpegDecoderOn(backend);
  const decoder = await createImageDecoder({ size: 8, threads: 1, jpegDecoder });
  try {
    requireClasses(train!, choice.dataDir, odd);
    const trainImages = Math.min(train!.size, choice.limitSamples ?? train!.size);
    const headers = await sampleHeaders(train!, decoder, signal);
    const sides = headers.map(({ width, height }) => Math.min(width, height));
    const toKeep = [{ source: train!, images: trainImages, headers }, { source: evaluation }];
    const bytes = input.cacheMegabytes * 2 ** 20;
    return {
      trainImages,
      evalImages: evaluation.size,
      classes: train!.classNames.length,
      shorterSide: sides.sort((a, b) => a - b)[sides.length >> 1] ?? null,
      cacheBytes: await expectKept(toKeep, { decoder, bytes, signal }),
    };
  } finally {
    await decoder.dispose();
    await train!.close();
    await evaluation.close();
  }
}
