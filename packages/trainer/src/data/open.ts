import {
  type Dataset,
  type OpenDatasetOptions,
  openDataset as open,
} from '@bag-of-tricks/image-data';
import { jpegDecoderOn } from '../backend.ts';
import type { BaseConfig } from '../config/base-schema.ts';

/** The settings that say which images a run sees. */
export type DatasetConfig = Pick<
  BaseConfig,
  | 'dataset'
  | 'dataDir'
  | 'classMap'
  | 'valSplit'
  | 'synthetic'
  | 'seed'
  | 'limitSamples'
  | 'input'
  | 'augment'
  | 'backend'
>;

/**
 * Open the dataset that the configuration names.
 *
 * @throws Error when files are missing or not what the dataset expects, or all are of one class.
 */
export async function openDataset(
  {
    dataset,
    dataDir,
    classMap,
    valSplit,
    synthetic,
    seed,
    limitSamples,
    backend,
    ...how
  }: DatasetConfig,
  options: Omit<OpenDatasetOptions, keyof DatasetConfig>,
): Promise<Dataset> {
  if (dataset === 'own') {
    throw new Error(
      'dataset own: expected the images that the run was given, got none. Pass them as `data`',
    );
  }
  const choice = { dataset, dataDir, classMap, valSplit, synthetic, seed, limitSamples };
  const jpegDecoder = jpegDecoderOn(backend);
  const opened = await open({ ...choice, ...how.input, ...how.augment, jpegDecoder, ...options });
  try {
    requireClasses(opened, dataDir);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** @throws Error when all images are of one class, with what was `odd` about the others. */
export function requireClasses(
  { classNames, name }: Pick<Dataset, 'classNames' | 'name'>,
  dataDir: string | null,
  odd: readonly string[] = [],
): void {
  if (classNames.length >= 2) return;
  throw new Error(
    `${dataDir ?? name}: expected at least 2 classes to tell apart, found 1: ${classNames[0]}. Give a folder (--data-dir) with a subfolder for each class, in each split${odd.map((line) => `\n${line}`).join('')}`,
  );
}

/**
 * Steps of one epoch: all full batches of each of the processes that share it, or `stepsPerEpoch` when it is set.
 *
 * @throws RangeError when there are fewer images than one batch needs.
 */
export function stepsInEpoch(
  { trainSize: size, worldSize = 1 }: Pick<Dataset, 'trainSize' | 'worldSize'>,
  {
    batchSize,
    stepsPerEpoch,
    limitSamples,
  }: Pick<BaseConfig, 'batchSize' | 'stepsPerEpoch'> & Partial<Pick<BaseConfig, 'limitSamples'>>,
): number {
  const images = batchSize * worldSize;
  if (size < images) {
    throw new RangeError(
      `batchSize: expected at most the ${size} training images that are used${worldSize > 1 ? ` by ${worldSize} processes` : ''}, got ${batchSize}. Lower --batch-size${limitSamples ? ', raise --limit-samples,' : ''} or leave it and --config out: the recipe for photographs chooses a batch that fits`,
    );
  }
  return stepsPerEpoch ?? Math.floor(size / images);
}
