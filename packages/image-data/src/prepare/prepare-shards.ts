import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BadImageError } from '../bad-image-error.ts';
import { type BadImagePolicy, createSkipList, type SkippedImage } from '../loader/bad-images.ts';
import { epochOrder } from '../loader/epoch-order.ts';
import type { ImageSource } from '../source.ts';
import { writeFileWhole } from '../sources/shards/write-file-whole.ts';
import { checkedSettings } from './check-options.ts';
import { inOrder } from './in-order.ts';
import {
  isWhole,
  manifestOf,
  type ShardManifest,
  type ShardRecord,
  writeManifest,
} from './manifest.ts';
import { openOutput } from './open-output.ts';
import { prepareImage } from './prepare-image.ts';
import { keyOf, shardName } from './shard-names.ts';
import { describeSource } from './source-fingerprint.ts';
import { type ShardImage, writeShard } from './write-shard.ts';

/** How far `prepareShards` is. */
export interface PrepareProgress {
  /** Images done, with those left out and those in shards kept from before. */
  readonly images: number;
  readonly totalImages: number;
  readonly shards: number;
  readonly totalShards: number;
  /** Shards that an earlier run finished. */
  readonly keptShards: number;
  readonly skippedImages: number;
}

/** Options of `prepareShards`. */
export interface PrepareShardsOptions {
  readonly source: ImageSource;
  /** A folder of its own for each split, such as `imagenet-256/train`. */
  readonly output: string;
  /** Images with a longer short side are reduced to it, in pixels. Default: `null`, which copies all byte for byte. */
  readonly shortSide?: number | null;
  /** Of the JPEGs that are written, 1 to 100. Default: 92. */
  readonly quality?: number;
  /** Images a shard. Default: 5000. */
  readonly shardSize?: number;
  /** Images are shuffled over the shards, so that readers which shuffle only nearby images see all classes. Default: 0. */
  readonly seed?: number;
  /** Images at work at the same time. Default: twice the processors. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PrepareProgress) => void;
  /** Bad images: `fail` at the first, or `skip` a few, which are left out and listed in the manifest. Default: `fail`. */
  readonly badImages?: BadImagePolicy;
  /** Share of the source that `skip` may leave out, in [0, 1], rounded up; what earlier calls left out counts. Default: 0.001. */
  readonly maxBadFraction?: number;
  /** Called for each image that is left out, also by an earlier call. */
  readonly onSkip?: (skipped: SkippedImage) => void;
}

/**
 * Copies a source into tar shards for `tarShards` and WebDataset, reduced to a short side: `00000-of-00640.tar` ..., an
 * index beside each, `classes.json`, and `manifest.json` with the SHA-256 of each shard and the settings.
 *
 * Called again after it was stopped, it keeps the finished shards whose checksum agrees and makes the others. The same
 * source and settings give the same shards.
 *
 * @example
 * ```ts no-run
 * import { imageFolder, prepareShards } from '@bag-of-tricks/image-data';
 *
 * const source = await imageFolder('imagenet', { split: 'train' });
 * await prepareShards({ source, output: 'imagenet-256/train', shortSide: 256 });
 * ```
 *
 * @returns What `manifest.json` holds.
 * @throws RangeError for options out of range, BadImagesError when more images are bad than the policy allows, Error when the
 * output folder holds something else, such as shards of other settings.
 */
export async function prepareShards({
  source,
  output,
  shortSide = null,
  quality = 92,
  shardSize = 5000,
  seed = 0,
  concurrency = 2 * availableParallelism(),
  signal,
  onProgress = () => {},
  badImages: policy = 'fail',
  maxBadFraction = 0.001,
  onSkip,
}: PrepareShardsOptions): Promise<ShardManifest> {
  signal?.throwIfAborted();
  const given = { shortSide, quality, shardSize, seed };
  const settings = {
    ...checkedSettings(given, { concurrency, policy, maxBadFraction }),
    ...describeSource(source),
  };
  const before = await openOutput(output, settings);
  await writeFileWhole(join(output, 'classes.json'), `${JSON.stringify(source.classNames)}\n`);

  const order = epochOrder(
    Int32Array.from({ length: source.size }, (_, i) => i),
    { seed, epoch: 0 },
  );
  const totalShards = Math.ceil(source.size / shardSize);
  const shards: ShardRecord[] = [];
  const skips = createSkipList<string>({
    policy,
    maxFraction: maxBadFraction,
    size: source.size,
    epoch: 0,
    onSkip,
  });
  const progress = { images: 0, shards: 0, keptShards: 0, skippedImages: 0 };
  const tell = () => onProgress({ ...progress, totalImages: source.size, totalShards });

  for (let number = 0; number < totalShards; number++) {
    const file = shardName(number, totalShards);
    const indices = order.subarray(number * shardSize, (number + 1) * shardSize);
    const kept = before?.shards.find((shard) => shard.file === file);
    if (kept !== undefined && (await isWhole(output, kept, signal))) {
      shards.push(kept);
      progress.keptShards++;
      progress.images += indices.length;
      progress.skippedImages += kept.skipped.length;
      for (const { image, reason } of kept.skipped) {
        skips.add(image, new BadImageError(image, reason));
      }
    } else {
      const skipped: { image: string; reason: string }[] = [];
      const images = prepared(indices, number * shardSize, (error) => {
        skips.add(error.image, error);
        skipped.push({ image: error.image, reason: error.reason });
        progress.skippedImages++;
      });
      shards.push({ file, ...(await writeShard(join(output, file), images)), skipped });
      // Finished shards further on, from the run before, must not be forgotten if this run is stopped too.
      const done = new Set(shards.map((shard) => shard.file));
      const later = before?.shards.filter((shard) => !done.has(shard.file)) ?? [];
      await writeManifest(output, manifestOf(settings, [...shards, ...later], false));
    }
    progress.shards++;
    tell();
  }
  const manifest = manifestOf(settings, shards, true);
  await writeManifest(output, manifest);
  return manifest;

  /** The images of a shard in order, ready to be written. */
  async function* prepared(
    indices: Int32Array,
    first: number,
    onBad: (error: BadImageError) => void,
  ): AsyncGenerator<ShardImage> {
    const work = async ([position, index]: [number, number]) => {
      signal?.throwIfAborted();
      const describe = () => source.describe(index);
      try {
        const image = await prepareImage(await source.read(index, signal), describe, settings);
        const key = keyOf(first + position, describe());
        return { ...image, key, label: source.label(index) };
      } catch (error) {
        if (error instanceof BadImageError) return error;
        throw error;
      }
    };
    for await (const image of inOrder(indices.entries(), concurrency, work)) {
      if (image instanceof BadImageError) onBad(image);
      else yield image;
      progress.images++;
      tell();
      signal?.throwIfAborted();
    }
  }
}
