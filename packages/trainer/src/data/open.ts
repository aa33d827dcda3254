import type { TrainConfig } from '../config/schema.ts';
import type { Dataset } from './dataset.ts';
import { type FashionMnistOptions, fashionMnist } from './fashion-mnist.ts';
import type { FileDatasetConfig } from './file-dataset.ts';
import { inMemoryDataset } from './in-memory.ts';
import type { OpenSourcesOptions } from './open-sources.ts';
import { syntheticDataset } from './synthetic.ts';

/** The settings that say which images a run sees. */
export type DatasetConfig = FileDatasetConfig & Pick<TrainConfig, 'synthetic'>;

/** Options of `openDataset`. */
export type OpenDatasetOptions = FashionMnistOptions & OpenSourcesOptions;

/** Open the dataset that the configuration names. */
export async function openDataset(
  config: DatasetConfig,
  options: OpenDatasetOptions,
): Promise<Dataset> {
  switch (config.dataset) {
    case 'fashion-mnist':
      return inMemoryDataset(await fashionMnist(options), config);
    case 'synthetic':
      return inMemoryDataset(syntheticDataset({ ...config.synthetic, seed: config.seed }), config);
    default: {
      // Only such runs need the image libraries behind it.
      const { fileDataset } = await import('./file-dataset.ts');
      return fileDataset(config, options);
    }
  }
}

/**
 * Steps of one epoch: all full batches, or `stepsPerEpoch` when it is set.
 *
 * @throws RangeError when there are fewer images than one batch needs.
 */
export function stepsInEpoch(
  { trainSize: size }: Dataset,
  { batchSize, stepsPerEpoch }: Pick<TrainConfig, 'batchSize' | 'stepsPerEpoch'>,
): number {
  if (size < batchSize) {
    throw new RangeError(
      `batchSize: expected at most the ${size} training images that are used, got ${batchSize}. Lower --batch-size or raise --limit-samples`,
    );
  }
  return stepsPerEpoch ?? Math.floor(size / batchSize);
}
