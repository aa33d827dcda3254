import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findDamage } from '@bag-of-tricks/durable-files';
import type { WeightsDescription } from './weights.ts';

/** What `state.json` of a checkpoint says that is of use here. */
interface State {
  readonly weights: string | null;
  readonly imageShape: readonly [number, number, number];
  readonly classNames: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly config: {
    readonly model: string;
    readonly input?: { readonly evalResize?: number | null; readonly interpolation?: string };
  };
}

/** A checkpoint of ours: the one given, or of a run folder the best, or the last where none was evaluated. */
export async function openOwnCheckpoint(
  path: string,
): Promise<(WeightsDescription & { readonly file: string }) | null> {
  const folder = ['.', 'checkpoints/best', 'checkpoints/last']
    .map((name) => join(path, name))
    .find((one) => existsSync(join(one, 'state.json')));
  if (!folder) return null;
  const damage = await findDamage(folder);
  if (damage) throw new Error(`checkpoint ${folder} is damaged: ${damage}. Use another checkpoint`);
  const state = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as State;
  if (!state?.config?.model || !Array.isArray(state.imageShape) || !state.classNames) {
    throw new Error(
      `${join(folder, 'state.json')}: expected the state of a checkpoint that 'bag-of-tricks train' wrote, got another file. Use another checkpoint`,
    );
  }
  const [imageSize, , channels] = state.imageShape;
  const { evalResize = null, interpolation = null } = state.config.input ?? {};
  return {
    file: join(folder, state.weights ? `model-${state.weights}.safetensors` : 'model.safetensors'),
    architecture: state.config.model,
    numClasses: state.classNames.length,
    classNames: state.classNames,
    input: {
      ...{ imageSize, channels, mean: state.mean, std: state.std, interpolation },
      cropPct: evalResize && imageSize / evalResize,
    },
    license: null,
  };
}
