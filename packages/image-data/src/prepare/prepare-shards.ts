import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import { BadImageError } from '../bad-image-error.ts';
import { type BadImagePolicy, createSkipList, type SkippedImage } from '../loader/bad-images.ts';
import type { ImageSource } from '../source.ts';
import { checkedSettings } from './check-options.ts';
import {
  isWhole,
  manifestOf,
  type ShardManifest,
  type ShardRecord,
  writeManifest,
} from './manifest.ts';
import { openOutput } from './open-output.ts';
import { preparedImages } from './prepared-images.ts';
import { type PrepareProgress, Progress } from './progress.ts';
import { shardParts } from './shard-parts.ts';
import { describeSource } from './source-fingerprint.ts';
import { writeShard } from './write-shard.ts';

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

  const skips = createSkipList<string>({
    policy,
    maxFraction: maxBadFraction,
    size: source.size,
    epoch: 0,
    onSkip,
  });
  const parts = shardParts(source.size, { shardSize, seed });
  const progress = new Progress(source.size, parts.length, onProgress);
  const shards: ShardRecord[] = [];
  for (const part of parts) {
    const { file, indices } = part;
    const kept = before?.shards.find((shard) => shard.file === file);
    if (kept !== undefined && (await isWhole(output, kept, signal))) {
      for (const { image, reason } of kept.skipped) {
        skips.add(image, new BadImageError(image, reason));
      }
      shards.push(kept);
      progress.keep(indices.length, kept.skipped.length);
      continue;
    }
    const skipped: { image: string; reason: string }[] = [];
    const images = preparedImages({ source, settings, concurrency, signal }, part, (error) => {
      if (error !== null) {
        skips.add(error.image, error);
        skipped.push({ image: error.image, reason: error.reason });
      }
      progress.addImage(error !== null);
    });
    shards.push({ file, ...(await writeShard(join(output, file), images)), skipped });
    // Finished shards further on, from the run before, must not be forgotten if this run is stopped too.
    const done = new Set(shards.map((shard) => shard.file));
    const later = before?.shards.filter((shard) => !done.has(shard.file)) ?? [];
    await writeManifest(output, manifestOf(settings, [...shards, ...later], false));
    progress.addShard();
  }
  const manifest = manifestOf(settings, shards, true);
  await writeManifest(output, manifest);
  return manifest;
}
