import {
  foreignState,
  type OpenedCheckpoint as Opened,
  openCheckpoint as open,
  type ReadConfig,
  readArrays,
  weightsFile,
} from '@bag-of-tricks/run-folder';
import type { Network, StateDict } from '@bag-of-tricks/train-step';
import { allOff, parseConfig } from '../config/parse.ts';
import { type KnownTricks, type TrainConfig, tricksOf } from '../config/schema.ts';
import { buildNetwork } from '../tricks/recipe.ts';
import { assignArrays } from './tensors.ts';

/** A checkpoint on disk, its state read and its tensors not yet. */
export type OpenedCheckpoint = Opened<TrainConfig>;

/** Checks the configuration in a checkpoint; a trick that is not loaded is an error that asks for it. */
export const readConfig =
  (known: KnownTricks): ReadConfig<TrainConfig> =>
  ({ config, tricks }, path) => {
    const missing = tricks.filter((trick) => !known.some(({ name }) => name === trick));
    if (missing.length > 0) {
      throw new Error(
        `${path}: the run has the trick ${missing.join(', ')} of another package, which is not loaded. Give its module with --plugin, or pass it in \`plugins\``,
      );
    }
    // A trick that the run did not know stays off, even one that is on by default.
    const whole = typeof config === 'object' && config ? { ...allOff(known), ...config } : config;
    try {
      return parseConfig(whole, { known, ownParts: true });
    } catch (cause) {
      throw foreignState(path, cause);
    }
  };

/** Opens a checkpoint folder, or the checkpoint `which` of a run folder, all of it whole. */
export const openCheckpoint = (
  path: string,
  which: 'last' | 'best',
  known: KnownTricks,
): Promise<OpenedCheckpoint> => open(path, which, readConfig(known));

/** Opens a checkpoint for the weights that scored best; `warn` is told of damage to its other files. */
export const openScored = (
  path: string,
  which: 'last' | 'best',
  { known, warn }: { readonly known: KnownTricks; readonly warn: (message: string) => void },
): Promise<OpenedCheckpoint> => {
  const reads = ({ weights }: { readonly weights: string | null }) => [weightsFile(weights)];
  return open(path, which, readConfig(known), { reads, warn });
};

/** Takes what `stateDictOf` gave, or throws and changes nothing. */
export function loadStateDict(network: Network, dict: StateDict): void {
  if (network.loadStateDict) network.loadStateDict(dict);
  else assignArrays({ ...network.parameters, ...network.buffers }, dict);
}

/** Loads weights and running statistics into `network`; nothing is changed when a name or a shape does not fit. */
export async function restoreNetwork(
  checkpoint: OpenedCheckpoint,
  network: Network,
  weights: string | null = null,
): Promise<void> {
  const dict = await readArrays(checkpoint, weightsFile(weights));
  try {
    loadStateDict(network, dict);
  } catch (cause) {
    throw new Error(
      `checkpoint ${checkpoint.folder} does not fit ${network.name}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** The network of a checkpoint, or one's own, with the weights that scored best, for evaluation or as a teacher. */
export async function loadNetwork(
  checkpoint: OpenedCheckpoint,
  known: KnownTricks,
  own?: Network,
): Promise<Network> {
  const { config, classNames, imageShape, weights } = checkpoint.state;
  const shape = { numClasses: classNames.length, inputChannels: imageShape[2] };
  const network = own ?? buildNetwork(config, { known, on: tricksOf(config, known) }, shape);
  try {
    await restoreNetwork(checkpoint, network, weights);
    return network;
  } catch (error) {
    if (!own) network.dispose();
    throw error;
  }
}
