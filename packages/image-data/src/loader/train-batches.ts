import { seededRandom } from '@bag-of-tricks/random';
import { requireWhole } from '../check.ts';
import type { ImageSource } from '../source.ts';
import { type AugmentImage, augmentBatch } from './augment-batch.ts';
import { createSkipList } from './bad-images.ts';
import type { LoadedBatch } from './batch.ts';
import { epochOrder, purpose, usedImages } from './epoch-order.ts';
import { createBatchLoader, type DrawRow } from './load-batch.ts';
import { type LoaderOptions, resolveOptions } from './options.ts';
import { prefetch } from './prefetch.ts';
import { firstPosition, trainSteps } from './processes.ts';

/** Options of `trainBatches`. */
export interface TrainBatchesOptions extends LoaderOptions {
  readonly seed: number;
  readonly epoch: number;
  /** Step of the epoch to begin with; a resumed run passes the one that it stopped at. Default 0. */
  readonly firstStep?: number;
  /** Length of the epoch. Default: all whole batches. */
  readonly stepsPerEpoch?: number;
  /** Changes each image after it was placed, in this thread: `randAugment`, `trivialAugment`, `randomErasing`. Default: nothing. */
  readonly augment?: AugmentImage;
  /** Numbers drawn for each image, as `colors` of the batch: `colorVariation`. Default: none. */
  readonly colors?: DrawColors;
}

/** What is drawn for an image's colours, to be applied on the device. */
export interface DrawColors {
  /** Numbers an image. */
  readonly columns: number;
  /** Draws them, with uniform numbers in [0, 1). */
  draw(random: () => number): ArrayLike<number>;
}

/**
 * The augmented batches of one epoch, loaded ahead of the consumer.
 *
 * The order depends on (seed, epoch) and each image's crop on (seed, epoch, index): the number of processes, the number of reads
 * at a time and where a run was resumed change nothing, and N processes of batch size B see in a step what one of N * B sees. An
 * epoch longer than the data goes through the same order again with new crops. Instead of a bad image comes the next good one of
 * the order, with a crop of its own, so that every batch is whole. What `augment` and `colors` draw depends on
 * (seed, epoch, index, position).
 *
 * @example
 * ```ts no-run
 * import { createImageDecoder, imageFolder, randomResizedCrop, trainBatches } from '@bag-of-tricks/image-data';
 *
 * const source = await imageFolder('imagenet', { split: 'train' });
 * const decoder = await createImageDecoder({ size: { height: 224, width: 224 } });
 * const place = randomResizedCrop({ size: 224 });
 * for (let epoch = 0; epoch < 90; epoch++) {
 *   for await (const { images, labels } of trainBatches(source, { decoder, place, seed: 42, epoch, batchSize: 256 })) {
 *     // images: uint8 [256, 224, 224, 3]; labels: int32 [256]
 *   }
 * }
 * await decoder.dispose();
 * await source.close();
 * ```
 *
 * @throws RangeError when an option is out of range, or there are fewer images than one step needs; from the
 * iteration, if `augment` changes the size of an image.
 * @throws BadImagesError (from the iteration) when more images are bad than the policy allows.
 */
export function trainBatches(
  source: ImageSource,
  options: TrainBatchesOptions,
): AsyncGenerator<LoadedBatch, void, undefined> {
  const resolved = resolveOptions('trainBatches', options);
  const { batchSize, rank, worldSize, limitSamples, badImages, maxBadFraction, onSkip } = resolved;
  const { prefetchBytes, signal } = resolved;
  const { seed, epoch, firstStep = 0, stepsPerEpoch, augment, colors } = options;
  for (const [name, value] of Object.entries({ epoch, firstStep, stepsPerEpoch })) {
    if (value !== undefined) requireWhole('trainBatches', name, value);
  }
  const order = epochOrder(usedImages(source.size, { limitSamples, seed }), { seed, epoch });
  const size = order.length;
  const steps = trainSteps(size, { batchSize, worldSize });

  const draw: DrawRow = (step, row, attempt) => {
    if (attempt >= size) {
      throw new Error(
        `trainBatches: expected a usable image in ${source.name}, got ${size} bad ones.`,
      );
    }
    const position = firstPosition(step, batchSize, { rank, worldSize }) + row + attempt;
    const index = order[position % size]!;
    const pass = Math.floor(position / size);
    return { index, random: seededRandom(seed, epoch, purpose.place, index, pass, attempt) };
  };
  const skips = createSkipList({
    policy: badImages,
    maxFraction: maxBadFraction,
    size: Math.ceil(size / worldSize),
    epoch,
    onSkip,
  });
  const chunkBytes = prefetchBytes / 4;
  const load = createBatchLoader({ source, draw, rows: batchSize, skips, chunkBytes, ...resolved });
  const loadVaried = async (step: number, signal: AbortSignal): Promise<LoadedBatch> => {
    const batch = await load(step, signal);
    const start = firstPosition(step, batchSize, { rank, worldSize });
    const randomFor = (use: number) => (row: number, index: number) =>
      seededRandom(seed, epoch, use, index, start + row);
    if (augment) augmentBatch(batch, { augment, randomOf: randomFor(purpose.augment) });
    return colors ? { ...batch, colors: drawRows(batch, colors, randomFor(purpose.color)) } : batch;
  };
  return prefetch({
    load: loadVaried,
    firstStep,
    endStep: stepsPerEpoch ?? steps,
    bytesOf: ({ images }) => images.length,
    prefetchBytes,
    signal,
  });
}

/** What is drawn for each row, `[rows, columns]`. */
function drawRows(
  { indices }: LoadedBatch,
  { columns, draw }: DrawColors,
  randomOf: (row: number, index: number) => () => number,
): Float32Array {
  const drawn = new Float32Array(indices.length * columns);
  for (const [row, index] of indices.entries())
    drawn.set(draw(randomOf(row, index)), row * columns);
  return drawn;
}
