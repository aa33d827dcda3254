import { requireWhole } from '../check.ts';
import { type BadImagePolicy, checkPolicy } from '../loader/bad-images.ts';

const CALLER = 'prepareShards';

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
  if (shortSide !== null) requireWhole(CALLER, 'shortSide', shortSide, [1, 16_384]);
  requireWhole(CALLER, 'quality', quality, [1, 100]);
  requireWhole(CALLER, 'shardSize', shardSize, [1, 10_000_000]);
  requireWhole(CALLER, 'seed', seed);
  requireWhole(CALLER, 'concurrency', concurrency, [1, 1024]);
  checkPolicy(CALLER, { badImages: policy, maxBadFraction });
  return given;
}
