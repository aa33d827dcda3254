import { type BadImagePolicy, checkPolicy } from '../loader/bad-images.ts';

/** The options that shape what is written. */
export interface GivenSettings {
  readonly shortSide: number | null;
  readonly quality: number;
  readonly shardSize: number;
  readonly seed: number;
}

/** The options that do not. */
export interface GivenHandling {
  readonly concurrency: number;
  readonly policy: BadImagePolicy;
  readonly maxBadFraction: number;
}

/**
 * Refuses options that are out of range; gives the others back.
 *
 * @throws RangeError
 */
export function checkedSettings(
  given: GivenSettings,
  { concurrency, policy, maxBadFraction }: GivenHandling,
): GivenSettings {
  const { shortSide, quality, shardSize, seed } = given;
  if (shortSide !== null) check('shortSide', shortSide, 1, 16_384);
  check('quality', quality, 1, 100);
  check('shardSize', shardSize, 1, 10_000_000);
  check('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  check('concurrency', concurrency, 1, 1024);
  checkPolicy('prepareShards', { badImages: policy, maxBadFraction });
  return given;
}

function check(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `prepareShards: expected ${option} to be a whole number from ${least} to ${most}, got ${value}.`,
    );
  }
}
