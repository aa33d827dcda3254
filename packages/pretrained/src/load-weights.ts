import { matchWeights } from './match-weights.ts';
import type { StateDict } from './state-dict.ts';
import type { Provenance, Weights } from './weights.ts';

/** A network that weights can be loaded into, as those of `resnet-variants`. */
export interface LoadableNetwork {
  readonly name: string;
  toStateDict(): Promise<StateDict>;
  /** Takes them all, or throws and changes nothing. */
  loadStateDict(dict: StateDict): void;
}

/** What was loaded. */
export interface LoadedWeights {
  /** What was changed to make them fit, a sentence each. */
  readonly notes: readonly string[];
  /** The last dense layer, where it stayed as it was. */
  readonly newHead: string | null;
  readonly provenance: Provenance;
}

/**
 * Reads weights and loads them into a network, whose last dense layer stays as it is where it is for other classes.
 *
 * @param classNames The classes that the network is for. Where the weights are known to be for others, the last dense layer stays.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { loadWeights, openWeights } from '@bag-of-tricks/pretrained';
 * import { createModel } from '@bag-of-tricks/resnet-variants';
 * import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'weights-'));
 * const path = join(folder, 'resnet20d.safetensors');
 * const trained = await createModel('resnet20d', { numClasses: 10 }).toStateDict();
 * const entries = Object.entries(trained).map(([name, one]) => [name, { dtype: 'F32', ...one }] as const);
 * await writeSafetensors(path, entries);
 *
 * const weights = await openWeights(path); // or a folder, or 'hf:timm/resnet50d.ra2_in1k'
 * const network = createModel(weights.architecture!, { numClasses: 3, seed: 7 });
 * console.log((await loadWeights(network, weights)).notes); // [ 'fc is new: 3 classes instead of 10' ]
 * await rm(folder, { recursive: true });
 * ```
 *
 * @throws Error listing what is missing, unexpected and of another shape; the network is unchanged then.
 */
export async function loadWeights(
  network: LoadableNetwork,
  weights: Weights,
  { classNames: wanted }: { readonly classNames?: readonly string[] | undefined } = {},
): Promise<LoadedWeights> {
  const { stateDict, provenance } = await weights.read();
  const { numClasses, classNames, input } = weights;
  try {
    const expected = await network.toStateDict();
    const described = { numClasses, classNames, wanted, channels: input.channels };
    const { stateDict: dict, ...matched } = matchWeights(stateDict, expected, described);
    network.loadStateDict(dict);
    return { ...matched, provenance };
  } catch (cause) {
    throw new Error(
      `weights ${weights.source} do not fit ${network.name}: ${(cause as Error).message}`,
      { cause },
    );
  }
}
