import type { BadImageError } from '../bad-image-error.ts';
import { requireOneOf, requireShare } from '../check.ts';

/** What happens to an image that cannot be used: `fail` ends the run at the first one, `skip` leaves out a few. */
export type BadImagePolicy = 'fail' | 'skip';

/** An image that was left out. */
export interface SkippedImage {
  /** What the source calls it. */
  readonly image: string;
  readonly reason: string;
  readonly epoch: number;
}

/** More images of an epoch cannot be used than the policy allows. */
export class BadImagesError extends Error {
  override readonly name = 'BadImagesError';
  readonly images: readonly SkippedImage[];

  constructor(message: string, images: readonly SkippedImage[], options?: ErrorOptions) {
    super(message, options);
    this.images = images;
  }
}

/** Options of `createSkipList`. */
export interface SkipListOptions {
  readonly policy: BadImagePolicy;
  /** Share of `size` that may be left out, in [0, 1]. */
  readonly maxFraction: number;
  /** Images that this process reads in the epoch, or that are prepared. */
  readonly size: number;
  readonly epoch: number;
  readonly onSkip?: ((skipped: SkippedImage) => void) | undefined;
}

/** The images of one epoch that turned out to be bad, by their index or name. */
export interface SkipList<K = number> {
  /** Whether an image is known to be bad. */
  has(key: K): boolean;
  /** Adds an image and reports it, once. */
  add(key: K, error: BadImageError): void;
}

/**
 * Refuses a policy that there is not.
 *
 * @throws RangeError
 */
export function checkPolicy(
  caller: string,
  {
    badImages,
    maxBadFraction,
  }: { readonly badImages: BadImagePolicy; readonly maxBadFraction: number },
): void {
  requireOneOf(caller, 'badImages', badImages, ['fail', 'skip']);
  requireShare(caller, 'maxBadFraction', maxBadFraction);
}

const named = 5;

/**
 * Keeps count of an epoch's bad images. `skip` allows `ceil(maxFraction * size)`, so that one bad image never stops a run on a
 * small folder, and fails at the next.
 */
export function createSkipList<K = number>({
  policy,
  maxFraction,
  size,
  epoch,
  onSkip,
}: SkipListOptions): SkipList<K> {
  const allowed = policy === 'fail' ? 0 : Math.ceil(maxFraction * size);
  const skipped = new Map<K, SkippedImage>();
  return {
    has: (key) => skipped.has(key),
    add(key, error) {
      if (skipped.has(key)) return;
      const one = { image: error.image, reason: error.reason, epoch };
      skipped.set(key, one);
      onSkip?.(one);
      if (skipped.size <= allowed) return;
      const all = [...skipped.values()];
      const lines = all.slice(0, named).map(({ image, reason }) => `  ${image}: ${reason}`);
      const rule =
        policy === 'fail'
          ? 'none (bad images: fail)'
          : `at most ${allowed} of the ${size} images (maxBadFraction ${maxFraction}, rounded up)`;
      throw new BadImagesError(
        `bad images: expected ${rule}, got ${all.length}:\n${lines.join('\n')}\nMend or remove them, or ${policy === 'fail' ? "leave them out with the policy 'skip'" : 'raise maxBadFraction (input.maxBadFraction of a recipe)'}.`,
        all,
        { cause: error },
      );
    },
  };
}
