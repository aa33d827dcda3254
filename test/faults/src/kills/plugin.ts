import type { NetworkFamily } from '@bag-of-tricks/trainer';
import { linearNetwork } from '../run/network.ts';

/** Pixels of the images' side. */
export const side = 16;

/** What `--plugin` brings: the smallest network, so that a run takes moments. */
export const linear: NetworkFamily = {
  names: () => ['linear'],
  create: (_name, { numClasses, inputChannels }) =>
    linearNetwork(side * side * inputChannels, numClasses),
};
