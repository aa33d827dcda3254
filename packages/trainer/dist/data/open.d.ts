import type { TrainConfig } from '../config/schema.ts';
import type { Dataset } from './dataset.ts';
import { type FashionMnistOptions } from './fashion-mnist.ts';
/** The settings that say which images a run sees. */
export type DatasetConfig = Pick<TrainConfig, 'dataset' | 'synthetic' | 'seed'>;
/** Open the dataset that the configuration names. */
export declare function openDataset(config: DatasetConfig, options: FashionMnistOptions): Promise<Dataset>;
/**
 * Steps of one epoch: all full batches, or `stepsPerEpoch` when it is set.
 *
 * @throws RangeError when there are fewer images than one batch needs.
 */
export declare function stepsInEpoch(dataset: Dataset, { batchSize, stepsPerEpoch, limitSamples, }: Pick<TrainConfig, 'batchSize' | 'stepsPerEpoch' | 'limitSamples'>): number;
//# sourceMappingURL=open.d.ts.map