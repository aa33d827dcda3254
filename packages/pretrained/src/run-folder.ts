import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CheckpointState,
  checkpointsIn,
  foreignState,
  openFolder,
  resolveName,
  storeOf,
  weightsFile,
} from '@bag-of-tricks/run-folder';
import type { WeightsDescription } from './weights.ts';

/** What the settings in a checkpoint say that is of use here. */
interface Config {
  readonly model: string;
  readonly input?: {
    readonly evalResize?: number | null;
    readonly cropPct?: number | null;
    readonly interpolation?: string | null;
  };
}

function readConfig({ config }: CheckpointState, path: string): Config {
  const known = config as Config | null;
  if (known?.model) return known;
  throw foreignState(path, new Error('its config names no model'));
}

/** The folder of a checkpoint: the one given, or of a run folder the best, or the last where none was evaluated. */
async function findCheckpoint(path: string): Promise<string | null> {
  if (existsSync(join(path, 'state.json'))) return path;
  const checkpoints = await storeOf(path).list();
  const name = resolveName({ name: 'best' }, checkpoints) ?? checkpoints.at(-1)?.name;
  return name ? join(checkpointsIn(path), name) : null;
}

/** A checkpoint of ours: the one given, or that of a run folder. */
export async function openOwnCheckpoint(
  path: string,
): Promise<(WeightsDescription & { readonly file: string }) | null> {
  const folder = await findCheckpoint(path);
  if (folder === null) return null;
  const { state } = await openFolder(folder, readConfig, {
    reads: ({ weights }) => [weightsFile(weights)],
  });
  const { config, classNames, mean, std } = state;
  const [imageSize, , channels] = state.imageShape;
  const { evalResize = null, cropPct = null, interpolation = null } = config.input ?? {};
  return {
    file: join(folder, weightsFile(state.weights)),
    architecture: config.model,
    numClasses: classNames.length,
    classNames,
    input: {
      ...{ imageSize, channels, mean, std, interpolation },
      cropPct: cropPct ?? (evalResize && imageSize / evalResize),
    },
    license: null,
  };
}
