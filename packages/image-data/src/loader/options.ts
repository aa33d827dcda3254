import { requireAbove0, requireCount, requireWhole, toSize } from '../check.ts';
import type { ImageDecoder } from '../decode/image-decoder.ts';
import type { ImageSize, PlaceImage } from '../decode/placement.ts';
import { type BadImagePolicy, checkPolicy, type SkippedImage } from './bad-images.ts';

/** What `trainBatches` and `evalBatches` have in common. */
export interface LoaderOptions {
  readonly decoder: ImageDecoder;
  /** Where each image is cropped, resized and mirrored. */
  readonly place: PlaceImage;
  /** Height and width of these images, or both at once, such as those of an epoch. Default: the decoder's. */
  readonly size?: number | ImageSize;
  /** Images a step and process. */
  readonly batchSize: number;
  /** Which of `worldSize` processes this is. Default 0. */
  readonly rank?: number;
  /** Processes that share the epoch. Default 1. */
  readonly worldSize?: number;
  /** Use only this many images, drawn by the seed; null, the default, uses all. */
  readonly limitSamples?: number | null;
  /** Bytes of finished batches that may wait for the consumer. Two batches are always under way. Default 256 MiB. */
  readonly prefetchBytes?: number;
  /** Files read at the same time. Default 8. */
  readonly readConcurrency?: number;
  /** A read that takes longer is an error. Default 60,000. */
  readonly readTimeoutMs?: number;
  /** What a bad image leads to. Default `skip`. */
  readonly badImages?: BadImagePolicy;
  /** Share of this process's images that `skip` may leave out; the count is rounded up. Default 0.001. */
  readonly maxBadFraction?: number;
  /** Called once an epoch for each image that is left out. */
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** Stops all reading; the iteration then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const defaults = {
  rank: 0,
  worldSize: 1,
  limitSamples: null,
  prefetchBytes: 256 * 2 ** 20,
  readConcurrency: 8,
  readTimeoutMs: 60_000,
  badImages: 'skip',
  maxBadFraction: 0.001,
} as const;

type Resolved = Required<Omit<LoaderOptions, 'onSkip' | 'signal' | 'size'>> &
  Pick<LoaderOptions, 'onSkip' | 'signal'> & { readonly size: ImageSize };

/**
 * Fills in the defaults of a loader.
 *
 * @throws RangeError when an option is out of range.
 */
export function resolveOptions(caller: string, options: LoaderOptions): Resolved {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as LoaderOptions;
  const size = toSize(caller, given.size ?? given.decoder.size);
  const resolved: Resolved = { ...defaults, ...given, size };
  const { rank, worldSize, limitSamples } = resolved;
  for (const name of ['batchSize', 'worldSize', 'readConcurrency'] as const) {
    requireCount(caller, name, resolved[name]);
  }
  for (const name of ['prefetchBytes', 'readTimeoutMs'] as const) {
    requireAbove0(caller, name, resolved[name]);
  }
  requireWhole(caller, 'rank', rank, [0, worldSize - 1]);
  if (limitSamples !== null) requireCount(caller, 'limitSamples', limitSamples);
  checkPolicy(caller, resolved);
  return resolved;
}
