import {
  BadImagesError,
  createImageDecoder,
  evalBatches,
  type PlaceImage,
  trainBatches,
} from '@bag-of-tricks/image-data';
import type { TrainConfig } from '../config/schema.ts';
import { trainSize } from './batches.ts';
import { colorVariation, drawColors } from './color-variation.ts';
import type { Batch, Dataset, EpochPart, LoadOptions } from './dataset.ts';
import { type InputSettings, resolveInput } from './input-settings.ts';
import { type OpenSourcesOptions, openSources } from './open-sources.ts';
import { evalPlacement, trainPlacement } from './placements.ts';

/** The settings that images from files depend on. */
export type FileDatasetConfig = Pick<
  TrainConfig,
  'dataset' | 'dataDir' | 'classMap' | 'input' | 'augment' | 'seed' | 'batchSize' | 'limitSamples'
>;

/** The iteration ends instead of failing when the signal is aborted: the loop then saves where it stands. */
async function* untilAborted(
  batches: AsyncIterable<Batch>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void, undefined> {
  try {
    yield* batches;
  } catch (error) {
    if (!signal?.aborted || error instanceof BadImagesError) throw error;
  }
}

/** Adds to each batch of an epoch what is drawn for its colours. */
async function* withColors(
  batches: AsyncIterable<Batch>,
  { settings, firstStep, ...at }: EpochPart & { seed: number; settings: InputSettings },
): AsyncGenerator<Batch, void, undefined> {
  let step = firstStep;
  for await (const batch of batches) {
    const rows = batch.labels.length;
    yield { ...batch, colors: drawColors({ ...at, firstPosition: step * rows, rows }, settings) };
    step += 1;
  }
}

/**
 * Images in files as a dataset: read and decoded while the network trains on those before them.
 *
 * @throws Error when files are missing or not what the dataset expects.
 */
export async function fileDataset(
  config: FileDatasetConfig,
  options: OpenSourcesOptions,
): Promise<Dataset> {
  const { input, seed, batchSize, limitSamples } = config;
  const settings = resolveInput(config);
  const { imageSize, mean, std } = settings;
  const variation = colorVariation(settings);
  const sources = await openSources(config, options);
  const decoder = await createImageDecoder({
    size: { height: imageSize, width: imageSize },
    antialias: input.antialias,
    exifOrientation: input.exifOrientation,
    ...(input.workers !== null && { threads: input.workers }),
  }).catch(async (error: unknown) => {
    await sources.close();
    throw error;
  });
  const loading = (place: PlaceImage, { signal, onBadImage }: LoadOptions) => ({
    decoder,
    place,
    seed,
    prefetchBytes: input.prefetchMegabytes * 2 ** 20,
    badImages: input.badImages,
    maxBadFraction: input.maxBadFraction,
    ...(signal && { signal }),
    ...(onBadImage && { onSkip: onBadImage }),
  });
  return {
    name: config.dataDir!,
    imageShape: [imageSize, imageSize, 3],
    classNames: sources.eval.classNames,
    mean,
    std,
    trainSize: trainSize(sources.train?.size ?? 0, limitSamples),
    evalSize: sources.eval.size,
    colorVariation: variation,
    trainBatches(part, load = {}) {
      const place = trainPlacement(settings, config.augment);
      const common = { ...loading(place, load), batchSize, limitSamples };
      const batches = trainBatches(sources.train!, { ...common, ...part });
      const loaded = untilAborted(batches, load.signal);
      return variation ? withColors(loaded, { ...part, seed, settings }) : loaded;
    },
    evalBatches(part, load = {}) {
      const common = loading(evalPlacement(settings), load);
      return untilAborted(evalBatches(sources.eval, { ...common, ...part }), load.signal);
    },
    async close() {
      await decoder.dispose();
      await sources.close();
    },
  };
}
