import { join } from 'node:path';
import {
  type PrepareProgress,
  prepareShards,
  type ShardManifest,
  type SkippedImage,
} from '@bag-of-tricks/image-data';
import { classMapProblems } from './config/check-data.ts';
import type { TrainConfig } from './config/schema.ts';
import { openSources } from './data/open-sources.ts';
import { ConfigError } from './errors.ts';

/** Options of `prepare`. */
export interface PrepareOptions {
  /** Folder of the images, with the splits train and val (or test) in it. */
  readonly dataDir: string;
  /** Folder that gets `train` and `val`, each with its shards. */
  readonly output: string;
  /** Form of the images in `dataDir`. Default `folder`. */
  readonly dataset?: Exclude<TrainConfig['dataset'], 'fashion-mnist' | 'synthetic'>;
  /** File that fixes the classes and their numbers. Default: all, sorted by name. */
  readonly classMap?: string | null;
  /** Larger images are reduced to this shorter side, in pixels; null copies all as they are. Default 256. */
  readonly shortSide?: number | null;
  /** Quality of the JPEGs that are written, 1 to 100. Default 92. */
  readonly quality?: number;
  /** Images a shard. Default 5000. */
  readonly shardSize?: number;
  /** Images at work at the same time. Default: twice the processors. */
  readonly concurrency?: number;
  /** What an unusable image leads to; `skip` fails beyond `maxBadFraction` of a split. Default `skip`. */
  readonly badImages?: TrainConfig['input']['badImages'];
  /** Share of a split that `skip` may leave out, rounded up; what earlier calls left out counts. Default 0.001. */
  readonly maxBadFraction?: number;
  /** Stops the work; the shards that are finished stay, and the next call goes on from them. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (split: Split, progress: PrepareProgress) => void;
  /** Called for each image that is left out, also by an earlier call. */
  readonly onBadImage?: (skipped: Omit<SkippedImage, 'epoch'>) => void;
  /** Called with what is odd but can be worked with. */
  readonly onWarning?: (message: string) => void;
}

/** A part of a data set, and what its folder is called. */
export type Split = 'train' | 'val';

/**
 * Copy images into tar shards, reduced to the shorter side that the evaluation needs, for `dataset: tar`: fewer bytes to read and
 * to decode, and large files instead of many small ones. Called again after an interruption, it goes on from the finished shards.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { prepare } from '@bag-of-tricks/trainer';
 *
 * // A grey pixel; yours would be pictures.
 * const png = Buffer.from(
 *   'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
 *   'base64',
 * );
 * for (const folder of ['train/cat', 'train/dog', 'val/cat', 'val/dog']) {
 *   mkdirSync(`pets/${folder}`, { recursive: true });
 *   writeFileSync(`pets/${folder}/1.png`, png);
 * }
 * const { train } = await prepare({ dataDir: 'pets', output: 'pets-256', shortSide: 256 });
 * console.log(train.images); // 2; train with { dataset: 'tar', dataDir: 'pets-256' }
 * ```
 *
 * @throws ConfigError for a class map of a set whose classes are fixed.
 * @throws Error when the images or a split are missing, or the output folder holds shards of other settings.
 * @throws BadImagesError when more images are unusable than the policy allows.
 */
export async function prepare({
  dataDir,
  output,
  dataset = 'folder',
  classMap = null,
  shortSide = 256,
  badImages = 'skip',
  onProgress,
  onBadImage,
  onWarning = () => {},
  ...options
}: PrepareOptions): Promise<Readonly<Record<Split, ShardManifest>>> {
  const [problem] = classMapProblems({ dataset, classMap });
  if (problem !== undefined) throw new ConfigError(problem);
  const sources = await openSources(
    { dataset, dataDir, classMap },
    { onWarning, signal: options.signal },
  );
  const prepareSplit = (split: Split): Promise<ShardManifest> => {
    const source = split === 'train' ? sources.train! : sources.eval;
    return prepareShards({
      source,
      output: join(output, split),
      shortSide,
      badImages,
      ...options,
      onProgress: (progress) => onProgress?.(split, progress),
      ...(onBadImage && { onSkip: onBadImage }),
    });
  };
  try {
    return { train: await prepareSplit('train'), val: await prepareSplit('val') };
  } finally {
    await sources.train?.close();
    await sources.eval.close();
  }
}
