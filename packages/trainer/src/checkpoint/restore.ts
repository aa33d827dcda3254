import type { Optimizer } from '@bag-of-tricks/optimizer';
import { readArrays } from '@bag-of-tricks/run-folder';
import type { NamedParts, Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { type OpenedCheckpoint, restoreNetwork } from './load.ts';
import { assignArrays, toTensor } from './tensors.ts';

/** What of a run is in a checkpoint. */
export interface RunState {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly tricks: readonly NamedParts[];
  readonly randomStep: tf.Variable;
}

/** The variables of the tricks under `<trick>/<name>`, and the counter of random draws. */
export function stateVariables({
  tricks,
  randomStep,
}: Pick<RunState, 'tricks' | 'randomStep'>): Record<string, tf.Variable> {
  const ofTricks = tricks.flatMap(({ name, state = {} }) =>
    Object.entries(state).map(([key, variable]) => [`${name}/${key}`, variable] as const),
  );
  return { ...Object.fromEntries(ofTricks), 'random/step': randomStep };
}

/** Brings network, optimiser and tricks to where the checkpoint was taken. */
export async function restoreRun(checkpoint: OpenedCheckpoint, run: RunState): Promise<void> {
  const { network, optimizer, tricks } = run;
  for (const { weights } of tricks) {
    if (!weights) continue;
    await restoreNetwork(checkpoint, network, weights.name);
    tf.tidy(() => weights.exchange());
  }
  await restoreNetwork(checkpoint, network);
  const slots = await readArrays(checkpoint, 'optimizer.safetensors');
  tf.tidy(() => {
    const tensors = Object.entries(slots).map(([name, array]) => [name, toTensor(array)] as const);
    optimizer.setState(Object.fromEntries(tensors));
  });
  const arrays = await readArrays(checkpoint, 'tricks.safetensors');
  try {
    assignArrays(stateVariables(run), arrays);
  } catch (cause) {
    throw new Error(
      `checkpoint ${checkpoint.folder} does not fit the tricks of the run: ${(cause as Error).message}`,
      { cause },
    );
  }
}
