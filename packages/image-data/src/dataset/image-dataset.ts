import { createImageDecoder } from '../decode/create-image-decoder.ts';
import type { ImageDecoder } from '../decode/image-decoder.ts';
import type { PlaceImage } from '../decode/placement.ts';
import type { AugmentImage } from '../loader/augment-batch.ts';
import { BadImagesError } from '../loader/bad-images.ts';
import type { Batch } from '../loader/batch.ts';
import { evalBatches } from '../loader/eval-batches.ts';
import { keepDecoded } from '../loader/keep-decoded.ts';
import { expectKept } from '../loader/sample-headers.ts';
import { trainBatches } from '../loader/train-batches.ts';
import type { ImageSource } from '../source.ts';
import { listFiles } from '../sources/list-files.ts';
import { colorVariation } from '../transforms/color/color-variation.ts';
import { padCropFlip } from '../transforms/pad-crop-flip.ts';
import { randomResizedCrop } from '../transforms/random-resized-crop.ts';
import { resizeCenterCrop } from '../transforms/resize-center-crop.ts';
import type { Dataset, DatasetFile, LoadOptions } from './dataset.ts';
import { checkOptions, type ImageDatasetOptions } from './image-dataset-options.ts';

const MEGABYTE = 2 ** 20;

/**
 * Image sources as a dataset: read, decoded and augmented while the network trains on the images before them. The sources belong
 * to it from then on; closing it closes them.
 *
 * @example
 * ```ts
 * import { imageDataset, syntheticImages } from '@bag-of-tricks/image-data';
 *
 * // Or imageFolder('flowers', { split: 'train' }), and for `eval` the classMap: train.classNames.
 * const train = syntheticImages({ size: 32, imageSize: 10, numClasses: 4 });
 * const data = await imageDataset({
 *   train,
 *   eval: syntheticImages({ size: 8, imageSize: 10, numClasses: 4, stream: 1 }),
 *   imageSize: 8,
 *   mean: [123.68, 116.779, 103.939],
 *   std: [58.393, 57.12, 57.375],
 * });
 * const part = { epoch: 0, firstStep: 0, stepsPerEpoch: 2, batchSize: 16, seed: 42 };
 * for await (const { images, labels } of data.trainBatches(part)) {
 *   console.log(images.length, labels.length); // 3072 bytes, uint8 [16, 8, 8, 3], and 16
 * }
 * await data.close();
 * ```
 *
 * @throws RangeError when an option is out of range, or the two sources have other classes.
 */
export async function imageDataset(options: ImageDatasetOptions): Promise<Dataset> {
  const { train, imageSize: size, channels = 3, workers } = options;
  const { interpolation: filter, exifOrientation = false, jpegDecoder } = options;
  const interpolation = filter === 'random' ? 'bilinear' : (filter ?? undefined);
  const antialias = options.antialias ?? undefined;
  const { maxPixels, maxImageBytes, maxScanPixels } = options;
  try {
    checkOptions(options);
    const threads = workers ? { threads: workers } : {};
    const budget = { maxPixels, maxImageBytes, maxScanPixels };
    const resizing = { interpolation, antialias, exifOrientation, jpegDecoder };
    const decoding = { size, channels, ...resizing, ...budget, ...threads };
    return withDecoder(options, await createImageDecoder(decoding));
  } catch (error) {
    await train?.close();
    await options.eval.close();
    throw error;
  }
}

function withDecoder(options: ImageDatasetOptions, decoder: ImageDecoder): Dataset {
  const { train, imageSize, limitSamples = null, mean, std } = options;
  const trainSize = Math.min(train?.size ?? 0, limitSamples ?? Number.POSITIVE_INFINITY);
  const cacheBytes = Math.floor((options.cacheMegabytes ?? 1024) * MEGABYTE);
  const memory = { bytes: cacheBytes };
  // An evaluation alone shows each image once.
  const keep = (source: ImageSource, images: number) =>
    train && memory.bytes > 0 ? keepDecoded(source, { decoder, memory, images }) : source;
  const training = train && keep(train, trainSize);
  const evaluation = keep(options.eval, options.eval.size);

  const { colorJitter: jitter = 0, pcaNoise: noise = 0, evalResize = imageSize } = options;
  const colors = jitter > 0 || noise > 0 ? colorVariation({ jitter, noise }) : null;
  const placeTrain = trainPlacement(options);
  const placeEval = resizeCenterCrop({ size: imageSize, resize: evalResize });
  const loading = { decoder, ...loaderOptions(options) };
  return {
    ...{ name: options.name ?? options.eval.name, mean, std, trainSize, colorVariation: colors },
    imageShape: [imageSize, imageSize, decoder.channels],
    classNames: evaluation.classNames,
    evalSize: evaluation.size,
    worldSize: loading.worldSize,
    ...(options.eval.listing && { files: () => filesOf(options) }),
    ...(train && {
      describe: (index: number) => train.describe(index),
      cacheBytes: () => {
        const toKeep = [{ source: train, images: trainSize }, { source: options.eval }];
        return expectKept(toKeep, { decoder, bytes: cacheBytes });
      },
    }),
    describeEval: (index) => options.eval.describe(index),
    trainBatches({ imageSize: size = imageSize, augment = [], ...part }, load = {}) {
      if (!training) throw new Error('imageDataset: expected training images, got none.');
      const batches = trainBatches(training, {
        ...{ ...loading, ...hooksOf(load), ...part, limitSamples, size, place: placeTrain(size) },
        ...(augment.length > 0 && { augment: inTurn(augment) }),
        ...(colors && { colors }),
      });
      return untilAborted(batches, load.signal);
    },
    evalBatches(part, load = {}) {
      const given = { ...loading, ...hooksOf(load), ...part, place: placeEval };
      return untilAborted(evalBatches(evaluation, given), load.signal);
    },
    ...(train && {
      plainBatches(
        part: Parameters<NonNullable<Dataset['plainBatches']>>[0],
        load: LoadOptions = {},
      ) {
        const given = { ...loading, ...hooksOf(load), ...part, limitSamples, place: placeEval };
        return untilAborted(evalBatches(train, given), load.signal);
      },
    }),
    async close() {
      await decoder.dispose();
      await training?.close();
      await evaluation.close();
    },
  };
}

async function* filesOf({
  train,
  eval: evaluation,
}: ImageDatasetOptions): AsyncGenerator<DatasetFile[], void, undefined> {
  for (const [split, source] of [
    ['train', train],
    ['eval', evaluation],
  ] as const) {
    if (!source?.listing) continue;
    for await (const files of listFiles(source.listing)) {
      yield files.map((file) => ({ split, ...file }));
    }
  }
}

/** Where training images of a size are cropped: a random part of a photograph, or a small image moved by a few pixels. */
function trainPlacement({
  crop = 'random-resized',
  cropPadding: padding = 4,
  flip: mirrored = true,
  interpolation: filter,
}: ImageDatasetOptions): (size: number) => PlaceImage {
  const flip = mirrored ? 0.5 : 0;
  const interpolation = filter ?? undefined;
  return (size) =>
    crop === 'pad'
      ? padCropFlip({ size, padding, flip })
      : randomResizedCrop({ size, flip, interpolation });
}

function loaderOptions({
  prefetchMegabytes = 256,
  badImages = 'skip',
  maxBadFraction = 0.001,
  rank = 0,
  worldSize = 1,
}: ImageDatasetOptions) {
  const prefetchBytes = prefetchMegabytes * MEGABYTE;
  return { prefetchBytes, badImages, maxBadFraction, rank, worldSize };
}

function hooksOf({ signal, onBadImage }: LoadOptions) {
  return { ...(signal && { signal }), ...(onBadImage && { onSkip: onBadImage }) };
}

const inTurn =
  (augment: readonly AugmentImage[]): AugmentImage =>
  (picture, random) =>
    augment.reduce((changed, one) => one(changed, random), picture);

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
