import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKSUMS, findDamage } from '@bag-of-tricks/durable-files';
import { checkpointsIn, readPart } from '../files.ts';
import { type NamedArray, parseArrays } from './arrays.ts';
import { describeRunsIn, placeOf, resolveName, storeOf } from './places.ts';
import { type CheckpointState, damagedCheckpoint, type ReadConfig, readState } from './state.ts';

/** A checkpoint on disk, its state read and its tensors not yet. */
export interface OpenedCheckpoint<Config = unknown> {
  readonly folder: string;
  readonly state: CheckpointState<Config>;
}

/** What of a checkpoint will be used. */
export interface OpenOptions {
  /** Files that will be read besides the state. Damage of others is only a warning. Default: all. */
  readonly reads?: ((state: CheckpointState) => readonly string[]) | undefined;
  /** Is told of damage that is none to what will be read. Default: nobody. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Opens a checkpoint folder, or the checkpoint `which` of a run folder.
 *
 * @example
 * ```ts no-run
 * import { openCheckpoint, readArrays } from '@bag-of-tricks/run-folder';
 *
 * const checkpoint = await openCheckpoint('output/train/my-run', 'best', ({ config }) => config);
 * const weights = await readArrays(checkpoint, 'model.safetensors');
 * console.log(checkpoint.state.classNames, Object.keys(weights));
 * ```
 *
 * @param readConfig Checks the settings that the checkpoint keeps.
 * @throws Error when there is none, none was evaluated yet, or it is damaged; what `readConfig` throws.
 */
export async function openCheckpoint<Config>(
  path: string,
  which: 'last' | 'best',
  readConfig: ReadConfig<Config>,
  options: OpenOptions = {},
): Promise<OpenedCheckpoint<Config>> {
  const place = placeOf(path, which);
  const checkpoints = place ? await storeOf(place.runFolder).list() : [];
  const name = place && resolveName(place, checkpoints);
  const isRun = existsSync(checkpointsIn(path));
  if (isRun && !name && checkpoints.length > 0) {
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
  const runs = existsSync(join(folder, 'state.json')) ? null : describeRunsIn(folder);
  if (runs) {
    throw new Error(
      `checkpoint ${path}: expected a run folder or a checkpoint folder, got ${runs}`,
    );
  }
  return openFolder(folder, readConfig, options);
}

/**
 * Opens a checkpoint by its own folder.
 *
 * @throws Error when it is damaged, or another program's; what `readConfig` throws.
 */
export async function openFolder<Config>(
  folder: string,
  readConfig: ReadConfig<Config>,
  { reads, warn = () => {} }: OpenOptions = {},
): Promise<OpenedCheckpoint<Config>> {
  const hasSums = existsSync(join(folder, CHECKSUMS));
  const check = async (names?: readonly string[]) => {
    const damage = hasSums ? await findDamage(folder, names) : null;
    if (damage !== null) throw damagedCheckpoint(folder, damage);
  };
  const problem = await check().catch((error: Error) => error);
  if (problem && !reads) throw problem;
  const state = await readState(folder);
  const config = readConfig(state, join(folder, 'state.json'));
  if (problem && reads) {
    await check(reads(state));
    warn(`Warning: ${problem.message}, to go on with; what is read here is whole`);
  }
  return { folder, state: { ...state, config } };
}

/** The arrays of a file of the checkpoint; an error that names the file where it is damaged. */
export async function readArrays(
  { folder }: Pick<OpenedCheckpoint, 'folder'>,
  name: string,
): Promise<Record<string, NamedArray>> {
  const bytes = await readPart(folder, name);
  try {
    return parseArrays(bytes);
  } catch (cause) {
    throw new Error(
      `${join(folder, name)}: ${(cause as Error).message}. The file is damaged; use another checkpoint`,
      { cause },
    );
  }
}

/** The file that holds a set of weights: the network's own, or another by its name. */
export const weightsFile = (weights: string | null) =>
  weights === null ? 'model.safetensors' : `model-${weights}.safetensors`;
