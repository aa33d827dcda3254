import { permutation, seededRandom } from '@bag-of-tricks/random';
import { cropAndFlip } from './augment.ts';
import type { Batch, EpochPart, ImageSet, ImagesInMemory } from './dataset.ts';
import { purpose } from './seed.ts';

/** Options of `trainBatches`. */
export interface TrainBatchesOptions extends EpochPart {
  readonly seed: number;
  readonly batchSize: number;
  readonly limitSamples: number | null;
  readonly augment: { readonly cropPadding: number; readonly flip: boolean };
}

/** Number of training images that a run uses. */
export function trainSize(size: number, limitSamples: number | null): number {
  return Math.min(size, limitSamples ?? Number.POSITIVE_INFINITY);
}

/** The images of an epoch in its order: all, or as many as the limit, drawn by the seed. The first ones may be of one class. */
function epochOrder(
  size: number,
  { seed, epoch, limitSamples }: Pick<TrainBatchesOptions, 'seed' | 'epoch' | 'limitSamples'>,
): Int32Array {
  const used = trainSize(size, limitSamples);
  const order = permutation(used, seededRandom(seed, epoch, purpose.shuffle));
  if (used === size) return order;
  const random = seededRandom(seed, 0, purpose.limit);
  const images = permutation(size, random, { count: used }).sort();
  return order.map((place) => images[place]!);
}

/**
 * The augmented batches of one epoch. The order depends only on (seed, epoch), each crop on (seed, epoch, position), so the sequence
 * from `firstStep` on equals the tail of the whole epoch's. An incomplete last batch is dropped; an epoch longer than the data
 * goes through the same order again with new crops.
 */
export function* trainBatches(
  dataset: ImagesInMemory,
  options: TrainBatchesOptions,
): Generator<Batch> {
  const { seed, epoch, batchSize, firstStep, stepsPerEpoch, augment } = options;
  const { images, labels } = dataset.train;
  const [height, width, channels] = dataset.imageShape;
  const pixels = height * width * channels;
  const order = epochOrder(dataset.train.size, options);
  for (let step = firstStep; step < stepsPerEpoch; step++) {
    const batch = {
      images: new Uint8Array(batchSize * pixels),
      labels: new Int32Array(batchSize),
      size: batchSize,
    };
    for (let i = 0; i < batchSize; i++) {
      const position = step * batchSize + i;
      const index = order[position % order.length]!;
      cropAndFlip(
        images.subarray(index * pixels, (index + 1) * pixels),
        batch.images.subarray(i * pixels, (i + 1) * pixels),
        {
          imageShape: dataset.imageShape,
          ...augment,
          random: seededRandom(seed, epoch, purpose.augment, position),
        },
      );
      batch.labels[i] = labels[index]!;
    }
    yield batch;
  }
}

/** The images of a split in order, unchanged; the last batch may be smaller. */
export function* evalBatches(
  set: ImageSet,
  { pixelsPerImage, batchSize }: { readonly pixelsPerImage: number; readonly batchSize: number },
): Generator<Batch> {
  for (let start = 0; start < set.size; start += batchSize) {
    const end = Math.min(set.size, start + batchSize);
    yield {
      images: set.images.subarray(start * pixelsPerImage, end * pixelsPerImage),
      labels: set.labels.subarray(start, end),
      size: end - start,
    };
  }
}
