import { join } from 'node:path';
import { writeFolderWhole, writeLinkWhole } from '@bag-of-tricks/durable-files';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import { pruneUnlinked } from '../files.ts';
import type { Network, StateDict } from '../network/network.ts';
import type { Run } from '../run/open-run.ts';
import type { Position } from '../run/position.ts';
import { checkWeights } from '../step/check-finite.ts';
import { weightsFile } from './load.ts';
import { stateVariables } from './restore.ts';
import type { CheckpointState } from './state.ts';
import { type NamedArray, readTensors, toSafetensors } from './tensors.ts';

const links = ['last', 'best'] as const;

const stateDictOf = (network: Network): Promise<StateDict> =>
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
    formatVersion: 2,
    ...position,
    imageShape: [...imageShape],
    classNames: [...classNames],
    mean: [...mean],
    std: [...std],
    tricks: run.foreignTricks,
    data: run.data?.record ?? null,
    config,
  };
}

/**
 * Writes `epoch-<e>-step-<n>/{model.safetensors, optimizer.safetensors, tricks.safetensors, state.json}` below the run's `checkpoints`,
 * then moves the links `last` and, if asked, `best` to it and deletes what neither names. A kill at any moment leaves both links
 * on whole checkpoints. Model tensors have timm's names and PyTorch's layouts where the network knows them.
 *
 * @throws DivergenceError when a weight is not finite; nothing is written then.
 */
export async function saveRun(
  run: Run,
  runFolder: string,
  position: Position,
  { best = false }: { readonly best?: boolean } = {},
): Promise<void> {
  const step = position.epoch * run.stepsPerEpoch + position.stepInEpoch;
  await run.runner.sync();
  await checkWeights(run.network, step);
  const digits = (n: number, width: number) => String(n).padStart(width, '0');
  const name = `epoch-${digits(position.epoch, 4)}-step-${digits(step, 8)}`;
  const folder = join(runFolder, 'checkpoints');
  await writeFolderWhole(join(folder, name), {
    ...(await weightFiles(run)),
    'optimizer.safetensors': await optimizerFile(run),
    'tricks.safetensors': serialize(await readTensors(stateVariables(run)), { format: 'tfjs' }),
    'state.json': `${JSON.stringify(stateOf(run, position), null, 2)}\n`,
  });
  await writeLinkWhole(join(folder, 'last'), name);
  if (best) await writeLinkWhole(join(folder, 'best'), name);
  await pruneUnlinked(folder, links);
}
