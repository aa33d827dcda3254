import type { ImageTraits } from '@bag-of-tricks/image-data';
import {
  buildTricks,
  type ConfiguredTrick,
  type NamedParts,
  type Network,
} from '@bag-of-tricks/train-step';
import type { TrainConfig } from '../src/config/schema.ts';
import { builtIn, tricksOf } from '../src/config/schema.ts';

/** Grey images of a few classes, for what is built without a dataset. */
export const traits = {
  name: 'none',
  imageShape: [8, 8, 1],
  classNames: ['a', 'b', 'c', 'd'],
  mean: [120],
  std: [60],
} as const satisfies ImageTraits;

interface TrickPartsOptions {
  readonly network?: Network;
  readonly teacher?: Network;
  /** What is built in place of a trick. */
  readonly change?: ((trick: ConfiguredTrick) => ConfiguredTrick) | undefined;
}

/** The tricks of a configuration, built for a network without a run; a teacher is passed in, whatever its path. */
export function trickParts(
  config: TrainConfig,
  { network, teacher, change = (trick) => trick }: TrickPartsOptions = {},
): Promise<NamedParts[]> {
  return buildTricks(tricksOf(config, builtIn).map(change), {
    ...{ network: network as Network, dataset: traits, config, stepsPerEpoch: 10 },
    loadNetwork: () =>
      teacher ? Promise.resolve(teacher) : Promise.reject(new Error('no teacher was passed in')),
  });
}
