import type { Dataset } from '../dataset/dataset.ts';
import { imageDataset } from '../dataset/image-dataset.ts';
import type { ImageDatasetOptions } from '../dataset/image-dataset-options.ts';
import { type InputOptions, type InputSettings, resolveInput } from './input-settings.ts';
import { type OpenSourcesOptions, openSources } from './open-sources.ts';
import { requireUsable } from './require-usable.ts';

/** Options of `openDataset`: which images, how they become the network's input, and those of `imageDataset`. */
export type OpenDatasetOptions = OpenSourcesOptions &
  InputOptions &
  Omit<ImageDatasetOptions, keyof InputSettings | 'train' | 'eval' | 'name'>;

/**
 * Opens images by the name of their format, for training and evaluation. The input is the paper's for photographs (224 pixels, a random
 * part, colours varied), and small images are padded and cropped; mean and deviation are the format's.
 *
 * @example
 * ```ts
 * import { openDataset } from '@bag-of-tricks/image-data';
 *
 * // Or { dataset: 'cifar10', dataDir: 'cifar-10-batches-bin' }.
 * const synthetic = { imageSize: 8, channels: 3, numClasses: 4, trainSamples: 32, evalSamples: 8 } as const;
 * const data = await openDataset({ dataset: 'synthetic', synthetic });
 * console.log(data.imageShape, data.trainSize); // [8, 8, 3] 32
 * await data.close();
 * ```
 *
 * @throws TypeError or RangeError when an option does not fit, Error when files are missing or not what the format expects, or when no
 * validation image can be used.
 */
export async function openDataset(options: OpenDatasetOptions): Promise<Dataset> {
  const sources = await openSources(options);
  if (sources.train) await requireUsable(sources.eval, options);
  return imageDataset({
    ...options,
    ...sources,
    ...resolveInput(options),
    name: options.dataDir ?? options.dataset,
  });
}
