import { join } from 'node:path';
import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import { type ResNet, toStateDict } from '@bag-of-tricks/resnet-variants';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import { pointLink, pruneUnlinked, writeFolderAtomically } from './files.ts';
import type { CheckpointState } from './state.ts';
import { type NamedArray, toSafetensors } from './tensors.ts';

const links = ['last', 'best'] as const;

/** What a checkpoint holds. */
export interface Checkpoint {
  readonly model: ResNet;
  readonly optimizer: NesterovSgd;
  readonly state: CheckpointState;
  /** Steps taken since the beginning of the run. */
  readonly step: number;
}

async function velocities(optimizer: NesterovSgd): Promise<Record<string, NamedArray>> {
  const state = optimizer.getState();
  try {
    const entries = Object.entries(state).map(
      async ([name, tensor]) =>
        [name, { shape: tensor.shape, data: (await tensor.data()) as Float32Array }] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    tf.dispose(state);
  }
}

/**
 * Write `epoch-<e>-step-<n>/{model.safetensors, optimizer.safetensors, state.json}` below `folder`, then move the links `last` and, if
 * asked, `best` to it and delete what neither names. A kill at any moment leaves both links on whole checkpoints.
 * Model tensors have timm's names and PyTorch's layouts; optimiser tensors have TensorFlow.js's layouts.
 */
export async function saveCheckpoint(
  folder: string,
  { model, optimizer, state, step }: Checkpoint,
  { best }: { readonly best: boolean },
): Promise<void> {
  const digits = (n: number, width: number) => String(n).padStart(width, '0');
  const name = `epoch-${digits(state.epoch, 4)}-step-${digits(step, 8)}`;
  await writeFolderAtomically(join(folder, name), {
    'model.safetensors': serializeSafetensors(toSafetensors(await toStateDict(model)), {
      metadata: { format: 'pt', model: state.config.model },
    }),
    'optimizer.safetensors': serializeSafetensors(toSafetensors(await velocities(optimizer)), {
      metadata: { format: 'tfjs', optimizer: 'nesterov-sgd' },
    }),
    'state.json': `${JSON.stringify(state, null, 2)}\n`,
  });
  await pointLink(folder, 'last', name);
  if (best) await pointLink(folder, 'best', name);
  await pruneUnlinked(folder, links);
}
