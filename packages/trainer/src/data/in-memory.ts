import type { TrainConfig } from '../config/schema.ts';
import { evalBatches, trainBatches, trainSize } from './batches.ts';
import type { Dataset, ImagesInMemory } from './dataset.ts';

/** Images in memory as a dataset: its batches are made when they are asked for, which takes microseconds. */
export function inMemoryDataset(
  images: ImagesInMemory,
  config: Pick<TrainConfig, 'seed' | 'batchSize' | 'limitSamples' | 'augment'>,
): Dataset {
  const { name, imageShape, classNames, mean, std } = images;
  const [height, width, channels] = imageShape;
  return {
    ...{ name, imageShape, classNames, mean, std },
    trainSize: trainSize(images.train.size, config.limitSamples),
    evalSize: images.eval.size,
    colorVariation: null,
    trainBatches: (part) => trainBatches(images, { ...config, ...part }),
    evalBatches: ({ batchSize }) =>
      evalBatches(images.eval, { pixelsPerImage: height * width * channels, batchSize }),
    close: () => Promise.resolve(),
  };
}
