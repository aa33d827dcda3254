import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKSUMS, findDamage } from '@bag-of-tricks/durable-files';
import { parseSafetensors } from '@bag-of-tricks/safetensors';
import type { NamedArray, Network, StateDict } from '@bag-of-tricks/train-step';
import { type KnownTricks, tricksOf } from '../config/schema.ts';
import { readPart } from '../files.ts';
import { buildNetwork } from '../tricks/recipe.ts';
import { type CheckpointState, parseState } from './state.ts';
import { checkpointsIn, placeOf, resolveName } from './store.ts';
import { assignArrays, fromSafetensors } from './tensors.ts';

/** A checkpoint on disk, its state read and its tensors not yet. */
export interface OpenedCheckpoint {
  readonly folder: string;
  readonly state: CheckpointState;
}

/**
 * Opens a checkpoint folder, or the checkpoint `which` of a run folder.
 *
 * @throws Error when there is none, none was evaluated yet, or it is damaged.
 */
export async function openCheckpoint(
  path: string,
  which: 'last' | 'best',
  known: KnownTricks,
): Promise<OpenedCheckpoint> {
  const place = placeOf(path, which);
  const name = place && (await resolveName(place));
  const isRun = existsSync(checkpointsIn(path));
  if (isRun && !name && which === 'best' && (await resolveName({ ...place!, name: 'last' }))) {
    throw new Error(
      `checkpoint ${path}: expected a run with a checkpoint that was evaluated, there is no evaluation yet. Use --which last, or give ${join(checkpointsIn(path), 'last')}`,
    );
  }
  const folder = place && name ? join(checkpointsIn(place.runFolder), name) : path;
  if ((isRun && !name) || !existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new Error(
      `checkpoint ${path}: expected a run folder or a checkpoint folder, found none. Check the path`,
    );
  }
  return openFolder(folder, known);
}

/**
 * Opens a checkpoint by its own folder.
 *
 * @throws Error when it is damaged, or another program's.
 */
export async function openFolder(folder: string, known: KnownTricks): Promise<OpenedCheckpoint> {
  const hasSums = existsSync(join(folder, CHECKSUMS));
  let damage = hasSums ? await findDamage(folder) : null;
  if (damage === null) {
    const text = new TextDecoder().decode(await readPart(folder, 'state.json'));
    const state = parseState(text, join(folder, 'state.json'), known);
    // Those of format 2 have none.
    if (hasSums || state.formatVersion === 2) return { folder, state };
    damage = `${CHECKSUMS} is missing`;
  }
  throw new Error(`checkpoint ${folder} is damaged: ${damage}. Use another checkpoint`);
}

/** The arrays of a file of the checkpoint; an error that names the file where it is damaged. */
export async function readArrays(
  { folder }: OpenedCheckpoint,
  name: string,
): Promise<Record<string, NamedArray>> {
  const bytes = await readPart(folder, name);
  try {
    return fromSafetensors(parseSafetensors(bytes).tensors);
  } catch (cause) {
    throw new Error(
      `${join(folder, name)}: ${(cause as Error).message}. The file is damaged; use another checkpoint`,
      { cause },
    );
  }
}

/** The file that holds a set of weights: the network's own, or a trick's. */
export const weightsFile = (weights: string | null) =>
  weights === null ? 'model.safetensors' : `model-${weights}.safetensors`;

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
  const network = own ?? buildNetwork(config, tricksOf(config, known), shape);
  try {
    await restoreNetwork(checkpoint, network, weights);
    return network;
  } catch (error) {
    if (!own) network.dispose();
    throw error;
  }
}
