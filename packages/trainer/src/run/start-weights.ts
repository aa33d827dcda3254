import {
  type LoadableNetwork,
  loadWeights,
  openWeights,
  type Provenance,
  type StateDict,
} from '@bag-of-tricks/pretrained';
import type { Network } from '@bag-of-tricks/train-step';
import { loadStateDict, type OpenedCheckpoint } from '../checkpoint/load.ts';
import { stateDictOf } from '../checkpoint/save.ts';
import type { PretrainedNetwork } from '../pretrained.ts';

/** Where the weights that a run starts from come from, and for what classes they shall be. */
interface StartOptions {
  readonly pretrained: string | null;
  readonly classNames: readonly string[];
  readonly checkpoint: OpenedCheckpoint | null;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Any network, by what it saves and takes. */
export const asLoadable = (network: Network): LoadableNetwork => ({
  name: network.name,
  toStateDict: () => stateDictOf(network) as Promise<StateDict>,
  loadStateDict: (dict) => loadStateDict(network, dict),
});

/**
 * Loads the weights that a new run starts from, if it starts from any; a run that goes on has its own.
 *
 * @returns Where they came from, for the record, and the last layer that has learned nothing.
 * @throws Error when they do not fit; the network is unchanged then.
 */
export async function startFromWeights(
  network: Network,
  { pretrained, classNames, checkpoint, say, signal }: StartOptions,
): Promise<{ readonly provenance: Provenance | null; readonly newHead: string | null }> {
  if (checkpoint) return { provenance: checkpoint.state.pretrained ?? null, newHead: null };
  const loaded = (network as Partial<PretrainedNetwork>).pretrained;
  if (loaded) return loaded;
  if (pretrained === null) return { provenance: null, newHead: null };
  const weights = await openWeights(pretrained, { onProgress: say, signal });
  const { notes, ...start } = await loadWeights(asLoadable(network), weights, { classNames });
  say([`pretrained ${pretrained}: loaded`, ...notes].join('; '));
  return start;
}
