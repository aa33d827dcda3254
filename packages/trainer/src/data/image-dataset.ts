import type { AugmentImage, ImageSource, LoaderOptions } from '@bag-of-tricks/image-data';
import type { Batch, Dataset, EpochPart, LoadOptions } from './dataset.ts';

/** Options of `imageDataset`. */
export interface ImageDatasetOptions {
  /** Images to train on; null where only the evaluation images are wanted. */
  readonly train: ImageSource | null;
  /** Images to evaluate on, with the same classes. */
  readonly eval: ImageSource;
  /** What messages call them. Default: the name of `eval`. */
  readonly name?: string | undefined;
  /** Height and width of the network's input in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for RGB; images of the other kind are converted. Default: 3. */
  readonly channels?: 1 | 3 | undefined;
  /** Pixel mean of each channel, on the scale 0..255. */
  readonly mean: readonly number[];
  /** Pixel deviation of each channel, on the scale 0..255. */
  readonly std: readonly number[];
  /** Shorter side in evaluation, before the centre crop. Default: `imageSize`. */
  readonly evalResize?: number | undefined;
  /** `random-resized` trains on a random part of a photograph, `pad` on a small image moved by a few pixels. Default: `random-resized`. */
  readonly crop?: 'random-resized' | 'pad' | undefined;
  /** Black pixels around the image of `pad`. Default: 4. */
  readonly cropPadding?: number | undefined;
  /** Mirror left-right with probability 0.5. Default: true. */
  readonly flip?: boolean | undefined;
  /** Brightness, contrast and saturation are scaled by 1 - amount to 1 + amount. Default: 0, off. */
  readonly colorJitter?: number | undefined;
  /** Standard deviation of the PCA noise. Default: 0, off. */
  readonly pcaNoise?: number | undefined;
  /** Use only so many training images, drawn by the seed. Default: null, all. */
  readonly limitSamples?: number | null | undefined;
  /** Average when shrinking, as torchvision does. Default: false. */
  readonly antialias?: boolean | undefined;
  /** Turn images upright by their EXIF tag. Default: false. */
  readonly exifOrientation?: boolean | undefined;
  /** What an unusable image leads to. Default: `skip`, which fails beyond `maxBadFraction`. */
  readonly badImages?: 'fail' | 'skip' | undefined;
  /** Default: 0.001. */
  readonly maxBadFraction?: number | undefined;
  /** Threads that decode. Default: null, one a core. */
  readonly workers?: number | null | undefined;
  /** Memory for batches that wait. Default: 256. */
  readonly prefetchMegabytes?: number | undefined;
  /** Memory in which decoded images are kept from epoch to epoch, if all fit; 0 keeps none. Default: 1024. */
  readonly cacheMegabytes?: number | undefined;
  /** Which of `worldSize` processes this is. Default: 0. */
  readonly rank?: number | undefined;
  /** Processes that share an epoch. Default: 1. */
  readonly worldSize?: number | undefined;
}

const MEGABYTE = 2 ** 20;

/**
 * Image sources as a dataset: read, decoded and augmented while the network trains on the images before them. The sources belong
 * to it from then on; closing it closes them.
 *
 * @example
 * ```ts no-run
 * import { imageFolder } from '@bag-of-tricks/image-data';
 * import { imageDataset } from '@bag-of-tricks/trainer';
 *
 * const train = await imageFolder('flowers', { split: 'train' });
 * const data = await imageDataset({
 *   train,
 *   eval: await imageFolder('flowers', { split: 'val', classMap: train.classNames }),
 *   imageSize: 224,
 *   evalResize: 256,
 *   mean: [123.68, 116.779, 103.939],
 *   std: [58.393, 57.12, 57.375],
 * });
 * ```
 *
 * @throws RangeError when an option is out of range, or the two sources have other classes.
 */
export async function imageDataset(options: ImageDatasetOptions): Promise<Dataset> {
  const { train, channels = 3, imageSize, limitSamples = null } = options;
  const { createImageDecoder, ...imageData } = await import('@bag-of-tricks/image-data');
  try {
    checkOptions(options);
    const { antialias = false, exifOrientation = false, workers } = options;
    const threads = workers ? { threads: workers } : {};
    const size = imageSize;
    const decoding = { size, channels, antialias, exifOrientation, ...threads };
    const decoder = await createImageDecoder(decoding);
    const trainSize = Math.min(train?.size ?? 0, limitSamples ?? Number.POSITIVE_INFINITY);

    const memory = { bytes: Math.floor((options.cacheMegabytes ?? 1024) * MEGABYTE) };
    // An evaluation alone shows each image once.
    const keep = (source: ImageSource, images: number) =>
      train && memory.bytes > 0
        ? imageData.keepDecoded(source, { decoder, memory, images })
        : source;
    const evaluation = keep(options.eval, options.eval.size);
    const training = train && keep(train, trainSize);

    const { colorJitter: jitter = 0, pcaNoise: noise = 0 } = options;
    const colors = jitter > 0 || noise > 0 ? imageData.colorVariation({ jitter, noise }) : null;
    const { crop = 'random-resized', cropPadding: padding, flip = true } = options;
    const placeTrain = (size: number) => {
      const mirrored = { size, flip: flip ? 0.5 : 0 };
      return crop === 'pad'
        ? imageData.padCropFlip({ ...mirrored, ...(padding !== undefined && { padding }) })
        : imageData.randomResizedCrop(mirrored);
    };
    const placeEval = imageData.resizeCenterCrop({ size, resize: options.evalResize ?? size });
    const loading = (load: LoadOptions): Omit<LoaderOptions, 'place' | 'batchSize'> => ({
      decoder,
      prefetchBytes: (options.prefetchMegabytes ?? 256) * MEGABYTE,
      badImages: options.badImages ?? 'skip',
      maxBadFraction: options.maxBadFraction ?? 0.001,
      rank: options.rank ?? 0,
      worldSize: options.worldSize ?? 1,
      ...(load.signal && { signal: load.signal }),
      ...(load.onBadImage && { onSkip: load.onBadImage }),
    });

    return {
      name: options.name ?? options.eval.name,
      imageShape: [imageSize, imageSize, channels],
      classNames: evaluation.classNames,
      mean: options.mean,
      std: options.std,
      trainSize,
      evalSize: evaluation.size,
      colorVariation: colors,
      trainBatches({ imageSize: size = imageSize, augment = [], ...part }: EpochPart, load = {}) {
        if (!training) throw new Error('imageDataset: expected training images, got none.');
        const batches = imageData.trainBatches(training, {
          ...{ ...loading(load), ...part, limitSamples, size, place: placeTrain(size) },
          ...(augment.length > 0 && { augment: inTurn(augment) }),
          ...(colors && { colors }),
        });
        return untilAborted(batches, load.signal, imageData.BadImagesError);
      },
      evalBatches(part, load = {}) {
        const batches = imageData.evalBatches(evaluation, {
          ...{ ...loading(load), ...part, place: placeEval },
        });
        return untilAborted(batches, load.signal, imageData.BadImagesError);
      },
      async close() {
        await decoder.dispose();
        await training?.close();
        await evaluation.close();
      },
    };
  } catch (error) {
    await train?.close();
    await options.eval.close();
    throw error;
  }
}

function checkOptions({
  train,
  eval: evaluation,
  channels = 3,
  mean,
  std,
  colorJitter = 0,
  pcaNoise = 0,
}: ImageDatasetOptions): void {
  if (train && train.classNames.join('\n') !== evaluation.classNames.join('\n')) {
    throw new RangeError(
      `imageDataset: expected the same classes in ${train.name} and ${evaluation.name}, got ${train.classNames.length} and ${evaluation.classNames.length}, or in another order. Open the second with the classMap of the first.`,
    );
  }
  for (const [name, values] of Object.entries({ mean, std })) {
    const usable = values.every(
      (value) => Number.isFinite(value) && (name === 'mean' || value > 0),
    );
    if (values.length === channels && usable) continue;
    throw new RangeError(
      `imageDataset: expected ${name} to be ${channels} numbers${name === 'std' ? ' above 0' : ''}, one a channel, got [${values}].`,
    );
  }
  if (channels === 1 && (colorJitter > 0 || pcaNoise > 0)) {
    throw new RangeError(
      'imageDataset: expected no colorJitter and no pcaNoise for images of one channel. Leave them out.',
    );
  }
}

const inTurn =
  (augment: readonly AugmentImage[]): AugmentImage =>
  (picture, random) =>
    augment.reduce((changed, one) => one(changed, random), picture);

/** The iteration ends instead of failing when the signal is aborted: the loop then saves where it stands. */
async function* untilAborted(
  batches: AsyncIterable<Batch>,
  signal: AbortSignal | undefined,
  BadImagesError: new (...args: never[]) => Error,
): AsyncGenerator<Batch, void, undefined> {
  try {
    yield* batches;
  } catch (error) {
    if (!signal?.aborted || error instanceof BadImagesError) throw error;
  }
}
