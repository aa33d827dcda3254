import { join } from 'node:path';
import type {
  BadImageError,
  PrepareProgress,
  ShardManifest,
  SkippedImage,
} from '@bag-of-tricks/image-data';
import type { TrainConfig } from './config/schema.ts';

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
  /** What an unusable image leads to; `skip` fails beyond 0.1 % of a split, rounded up. Default `skip`. */
  readonly badImages?: TrainConfig['input']['badImages'];
  /** Stops the work; the shards that are finished stay, and the next call goes on from them. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (split: Split, progress: PrepareProgress) => void;
  /** Called for each image that is left out. */
  readonly onBadImage?: (skipped: Omit<SkippedImage, 'epoch'>) => void;
  /** Called with what is odd but can be worked with. */
  readonly onWarning?: (message: string) => void;
}

/** A part of a data set, and what its folder is called. */
export type Split = 'train' | 'val';

const maxBadFraction = 0.001;

/**
 * Copy images into tar shards, reduced to the shorter side that the evaluation needs, for `dataset: tar`: fewer bytes to read and
 * to decode, and large files instead of many small ones. Called again after an interruption, it goes on from the finished shards.
 *
 * @throws Error when the images or a split are missing, or the output folder holds shards of other settings.
 * @throws BadImagesError when more images are unusable than the policy allows.
 */
export async function prepare({
  dataDir,
  output,
  dataset = 'folder',
  classMap = null,
  shortSide = 256,
  quality = 92,
  badImages = 'skip',
  onProgress,
  onBadImage,
  onWarning = () => {},
  ...options
}: PrepareOptions): Promise<Readonly<Record<Split, ShardManifest>>> {
  const { BadImagesError, prepareShards } = await import('@bag-of-tricks/image-data');
  const { openSources } = await import('./data/open-sources.ts');
  const sources = await openSources({ dataset, dataDir, classMap }, { onProgress: onWarning });
  const prepareSplit = (split: Split): Promise<ShardManifest> => {
    const source = split === 'train' ? sources.train! : sources.eval;
    const allowed = badImages === 'fail' ? 0 : Math.ceil(maxBadFraction * source.size);
    const skipped: SkippedImage[] = [];
    return prepareShards({
      source,
      output: join(output, split),
      shortSide,
      quality,
      ...options,
      onProgress: (progress) => onProgress?.(split, progress),
      onBadImage(error: BadImageError) {
        const { image, reason } = error;
        skipped.push({ image, reason, epoch: 0 });
        onBadImage?.({ image, reason });
        if (skipped.length <= allowed) return;
        const lines = skipped.slice(0, 5).map((one) => `  ${one.image}: ${one.reason}`);
        throw new BadImagesError(
          `bad images: expected at most ${allowed} of the ${source.size} images of ${split}, got more:\n${lines.join('\n')}\nMend or remove them`,
          skipped,
          { cause: error },
        );
      },
    });
  };
  try {
    return { train: await prepareSplit('train'), val: await prepareSplit('val') };
  } finally {
    await sources.close();
  }
}
