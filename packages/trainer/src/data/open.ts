import type { TrainConfig } from '../config/schema.ts';
import { trainSize } from './batches.ts';
import type { Dataset } from './dataset.ts';
import { type FashionMnistOptions, fashionMnist } from './fashion-mnist.ts';
import { syntheticDataset } from './synthetic.ts';

/** The settings that say which images a run sees. */
export type DatasetConfig = Pick<TrainConfig, 'dataset' | 'synthetic' | 'seed'>;

/** Open the dataset that the configuration names. */
export function openDataset(config: DatasetConfig, options: FashionMnistOptions): Promise<Dataset> {
  switch (config.dataset) {
    case 'fashion-mnist':
      return fashionMnist(options);
    case 'synthetic':
      return Promise.resolve(syntheticDataset({ ...config.synthetic, seed: config.seed }));
  }
}

/**
 * Steps of one epoch: all full batches, or `stepsPerEpoch` when it is set.
 *
 * @throws RangeError when there are fewer images than one batch needs.
 */
export function stepsInEpoch(
  dataset: Dataset,
  {
    batchSize,
    stepsPerEpoch,
    limitSamples,
  }: Pick<TrainConfig, 'batchSize' | 'stepsPerEpoch' | 'limitSamples'>,
): number {
  const size = trainSize(dataset, limitSamples);
  if (size < batchSize) {
    throw new RangeError(
      `batchSize: expected at most the ${size} training images that are used, got ${batchSize}. Lower --batch-size or raise --limit-samples`,
    );
  }
  return stepsPerEpoch ?? Math.floor(size / batchSize);
}
