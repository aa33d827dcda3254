import { join } from 'node:path';
import { describeSpace, syncRows } from '@bag-of-tricks/durable-files';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import type { NamedArray, Network, StateDict } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { saveError } from '../errors.ts';
import { rowFiles } from '../files.ts';
import type { Run } from '../run/open-run.ts';
import type { Position } from '../run/position.ts';
import { checkWeights } from '../step/check-finite.ts';
import { weightsFile } from './load.ts';
import { stateVariables } from './restore.ts';
import type { CheckpointState } from './state.ts';
import { checkpointName, checkpointsIn, storeOf } from './store.ts';
import { readTensors, toSafetensors } from './tensors.ts';

/** The values of a network as they are saved. */
export const stateDictOf = (network: Network): Promise<StateDict> =>
  network.toStateDict?.() ?? readTensors({ ...network.parameters, ...network.buffers });

const serialize = (
  arrays: Readonly<Record<string, NamedArray>>,
  metadata: Record<string, string>,
) => serializeSafetensors(toSafetensors(arrays), { metadata });

/** The files of all sets of weights, by name. Weights of a trick stand in the network while they are read. */
async function weightFiles({ network, tricks, config }: Run): Promise<Record<string, Uint8Array>> {
  const metadata = { format: 'pt', model: config.model };
  const files: Record<string, Uint8Array> = {};
  const write = async (weights: string | null) => {
    files[weightsFile(weights)] = serialize(await stateDictOf(network), metadata);
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
    return serialize(await readTensors(state), { format: 'tfjs' });
  } finally {
    tf.dispose(state);
  }
}

/** What of a run is no tensor. */
function stateOf({ dataset, config, ...run }: Run, position: Position): CheckpointState {
  const { imageShape, classNames, mean, std } = dataset;
  return {
    formatVersion: 3,
    ...position,
    imageShape: [...imageShape],
    classNames: [...classNames],
    mean: [...mean],
    std: [...std],
    tricks: run.foreignTricks,
    data: run.data?.record ?? null,
    pretrained: run.pretrained,
    config,
  };
}

/**
 * Writes `epoch-<e>-step-<n>/{model.safetensors, optimizer.safetensors, tricks.safetensors, state.json, SHA256SUMS}` below the run's
 * `checkpoints`, after the rows of the steps before it, then deletes what does not stay. A kill at any moment leaves the last and the
 * best checkpoint whole. Model tensors have timm's names and PyTorch's layouts where the network knows them.
 *
 * @param score Accuracy of the evaluation just made, in percent.
 * @param checked False saves weights that are not finite too, for a step that is to be looked at. Default: true.
 * @throws DivergenceError when a weight is not finite; nothing is written then.
 * @throws SaveError when it cannot be written; what was saved before stays.
 */
export async function saveRun(
  run: Run,
  runFolder: string,
  position: Position,
  {
    score = null,
    checked = true,
  }: { readonly score?: number | null; readonly checked?: boolean } = {},
): Promise<void> {
  const step = position.epoch * run.stepsPerEpoch + position.stepInEpoch;
  await run.runner.sync();
  if (checked) await checkWeights(run.network, step);
  const files = {
    ...(await weightFiles(run)),
    'optimizer.safetensors': await optimizerFile(run),
    'tricks.safetensors': serialize(await readTensors(stateVariables(run)), { format: 'tfjs' }),
    'state.json': `${JSON.stringify({ ...stateOf(run, position), score }, null, 2)}\n`,
  };
  const keepBest = run.config.checkpointHist;
  const name = checkpointName(position, step);
  try {
    for (const file of rowFiles) await syncRows(join(runFolder, file));
    await storeOf(runFolder).save(name, files, { keepBest });
  } catch (cause) {
    const folder = checkpointsIn(runFolder);
    const space = await describeSpace(folder, files);
    throw saveError(join(folder, name), `a folder that takes it (${space})`, cause);
  }
}
