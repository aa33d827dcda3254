import { type Dataset, imageDataset } from '@bag-of-tricks/image-data';
import type { BaseConfig } from '../config/base-schema.ts';
import { resolveInput } from './input-settings.ts';
import { type OpenSourcesOptions, openSources } from './open-sources.ts';

/** The settings that say which images a run sees. */
export type DatasetConfig = Pick<
  BaseConfig,
  'dataset' | 'dataDir' | 'classMap' | 'synthetic' | 'seed' | 'limitSamples' | 'input' | 'augment'
>;

/** Options of `openDataset`. */
export interface OpenDatasetOptions extends OpenSourcesOptions {
  /** Which of `worldSize` processes this is. Default: 0. */
  readonly rank?: number | undefined;
  /** Processes that share an epoch. Default: 1. */
  readonly worldSize?: number | undefined;
}

/**
 * Open the dataset that the configuration names.
 *
 * @throws Error when files are missing or not what the dataset expects.
 */
export async function openDataset(
  config: DatasetConfig,
  { rank, worldSize, ...options }: OpenDatasetOptions,
): Promise<Dataset> {
  const { imageSize: _, ...input } = config.input;
  return imageDataset({
    ...(await openSources(config, options)),
    ...input,
    ...config.augment,
    ...resolveInput(config),
    name: config.dataDir ?? config.dataset,
    limitSamples: config.limitSamples,
    rank,
    worldSize,
  });
}

/**
 * Steps of one epoch: all full batches of each of the processes that share it, or `stepsPerEpoch` when it is set.
 *
 * @throws RangeError when there are fewer images than one batch needs.
 */
export function stepsInEpoch(
  { trainSize: size, worldSize = 1 }: Pick<Dataset, 'trainSize' | 'worldSize'>,
  { batchSize, stepsPerEpoch }: Pick<BaseConfig, 'batchSize' | 'stepsPerEpoch'>,
): number {
  const images = batchSize * worldSize;
  if (size < images) {
    throw new RangeError(
      `batchSize: expected at most the ${size} training images that are used${worldSize > 1 ? ` by ${worldSize} processes` : ''}, got ${batchSize}. Lower --batch-size or raise --limit-samples`,
    );
  }
  return stepsPerEpoch ?? Math.floor(size / images);
}
