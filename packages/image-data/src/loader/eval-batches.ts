import { seededRandom } from '@bag-of-tricks/random';
import type { ImageSource } from '../source.ts';
import { createSkipList } from './bad-images.ts';
import type { LoadedBatch } from './batch.ts';
import { purpose, usedImages } from './epoch-order.ts';
import { createBatchLoader, type DrawRow } from './load-batch.ts';
import { type LoaderOptions, resolveOptions } from './options.ts';
import { prefetch } from './prefetch.ts';
import { evalRows, firstPosition } from './processes.ts';

/** Options of `evalBatches`. */
export interface EvalBatchesOptions extends LoaderOptions {
  /** Seed of what `place` draws and of `limitSamples`. Default 0. */
  readonly seed?: number;
  /** Epoch that skipped images are reported with. Default 0. */
  readonly epoch?: number;
}

/**
 * Every image of a source once, in order, loaded ahead of the consumer.
 *
 * All processes get the same number of batches, and all batches the same number of rows: `batchSize`, or a process's share when
 * that is smaller. A row beyond the last image, or whose image is bad, holds no image (label -1) and counts in no `size`. So the
 * sums of `size` over all batches and processes are the images that were scored.
 *
 * @example
 * ```ts no-run
 * import { createImageDecoder, evalBatches, imageFolder, resizeCenterCrop } from '@bag-of-tricks/image-data';
 *
 * const source = await imageFolder('imagenet', { split: 'val' });
 * const decoder = await createImageDecoder({ size: { height: 224, width: 224 } });
 * const place = resizeCenterCrop({ size: 224, resize: 256 });
 * let scored = 0;
 * for await (const { size } of evalBatches(source, { decoder, place, batchSize: 250 })) scored += size;
 * await decoder.dispose();
 * await source.close();
 * ```
 *
 * @throws RangeError when an option is out of range.
 * @throws BadImagesError (from the iteration) when more images are bad than the policy allows.
 */
export function evalBatches(
  source: ImageSource,
  options: EvalBatchesOptions,
): AsyncGenerator<LoadedBatch, void, undefined> {
  const resolved = resolveOptions('evalBatches', options);
  const { rank, worldSize, limitSamples, badImages, maxBadFraction, onSkip } = resolved;
  const { prefetchBytes, signal } = resolved;
  const { seed = 0, epoch = 0 } = options;
  const used = usedImages(source.size, { limitSamples, seed });
  const rows = evalRows(used.length, resolved);

  const draw: DrawRow = (step, row, attempt) => {
    const index = used[firstPosition(step, rows, { rank, worldSize }) + row];
    if (index === undefined || attempt > 0) return null;
    return { index, random: seededRandom(seed, 0, purpose.place, index) };
  };
  const skips = createSkipList({
    policy: badImages,
    maxFraction: maxBadFraction,
    size: Math.ceil(used.length / worldSize),
    epoch,
    onSkip,
  });
  const chunkBytes = prefetchBytes / 4;
  return prefetch({
    load: createBatchLoader({ source, draw, rows, skips, chunkBytes, ...resolved }),
    firstStep: 0,
    endStep: rows === 0 ? 0 : Math.ceil(used.length / (rows * worldSize)),
    bytesOf: ({ images }) => images.length,
    prefetchBytes,
    signal,
  });
}
