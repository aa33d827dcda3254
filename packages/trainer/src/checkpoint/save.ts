import {
  type Position,
  saveCheckpoint,
  serializeArrays,
  weightsFile,
} from '@bag-of-tricks/run-folder';
import type { Network, StateDict } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { stepsTaken } from '../epoch-steps.ts';
import type { Run } from '../run/open-run.ts';
import { checkWeights } from '../step/check-finite.ts';
import { stateVariables } from './restore.ts';
import { readTensors } from './tensors.ts';

/** The values of a network as they are saved. */
export const stateDictOf = (network: Network): Promise<StateDict> =>
  network.toStateDict?.() ?? readTensors({ ...network.parameters, ...network.buffers });

/** The files of all sets of weights, by name. Weights of a trick stand in the network while they are read. */
async function weightFiles({ network, tricks, config }: Run): Promise<Record<string, Uint8Array>> {
  const metadata = { format: 'pt', model: config.model };
  const files: Record<string, Uint8Array> = {};
  const write = async (weights: string | null) => {
    files[weightsFile(weights)] = serializeArrays(await stateDictOf(network), metadata);
  };
  await write(null);
  for (const { weights } of tricks) {
    if (!weights) continue;
    tf.tidy(() => weights.exchange());
    try {
      await write(weights.name);
    } finally {
      tf.tidy(() => weights.exchange());
    }
  }
  return files;
}

async function optimizerFile({ optimizer }: Run): Promise<Uint8Array> {
  const state = optimizer.getState();
  try {
    return serializeArrays(await readTensors(state), { format: 'tfjs' });
  } finally {
    tf.dispose(state);
  }
}

/** Options of `saveRun`. */
export interface SaveRunOptions {
  /** Accuracy of the evaluation just made, in percent. Default: null, none was. */
  readonly score?: number | null;
  /** False saves weights that are not finite too, for a step that is to be looked at. Default: true. */
  readonly checked?: boolean;
  /** Is told what of deleting older ones failed. Default: nobody. */
  readonly warn?: (message: string) => void;
}

/**
 * Saves a run below its `checkpoints`. Model tensors have timm's names and PyTorch's layouts where the network knows them.
 *
 * @throws DivergenceError when a weight is not finite; nothing is written then.
 * @throws SaveError when it cannot be written; what was saved before stays.
 */
export async function saveRun(
  run: Run,
  runFolder: string,
  position: Position,
  { score = null, checked = true, warn }: SaveRunOptions = {},
): Promise<void> {
  const { config, dataset, foreignTricks, data } = run;
  const step = stepsTaken(run, position);
  await run.runner.sync();
  if (checked) await checkWeights(run.network, step);
  const ofTricks = await readTensors(stateVariables(run));
  const files = {
    ...(await weightFiles(run)),
    'optimizer.safetensors': await optimizerFile(run),
    'tricks.safetensors': serializeArrays(ofTricks, { format: 'tfjs' }),
  };
  const { imageShape, classNames, mean, std } = dataset;
  const state = {
    ...position,
    ...{ imageShape, classNames, mean, std, tricks: foreignTricks },
    ...(run.processes.size > 1 && { processes: run.processes.size }),
    data: data?.record ?? null,
    pretrained: run.pretrained,
    config,
    score,
  };
  await saveCheckpoint(runFolder, files, { state, step, keepBest: config.checkpointHist, warn });
}
