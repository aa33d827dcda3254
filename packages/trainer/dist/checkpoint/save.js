import { join } from 'node:path';
import { toStateDict } from '@bag-of-tricks/resnet-variants';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import { pointLink, pruneUnlinked, writeFolderAtomically } from "./files.js";
import { toSafetensors } from "./tensors.js";
const links = ['last', 'best'];
async function velocities(optimizer) {
    const state = optimizer.getState();
    try {
        const entries = Object.entries(state).map(async ([name, tensor]) => [name, { shape: tensor.shape, data: (await tensor.data()) }]);
        return Object.fromEntries(await Promise.all(entries));
    }
    finally {
        tf.dispose(state);
    }
}
/**
 * Write `epoch-<e>-step-<n>/{model.safetensors, optimizer.safetensors, state.json}` below `folder`, then move the links `last` and, if
 * asked, `best` to it and delete what neither names. A kill at any moment leaves both links on whole checkpoints.
 * Model tensors have timm's names and PyTorch's layouts; optimiser tensors have TensorFlow.js's layouts.
 */
export async function saveCheckpoint(folder, { model, optimizer, state, step }, { best }) {
    const digits = (n, width) => String(n).padStart(width, '0');
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
    if (best)
        await pointLink(folder, 'best', name);
    await pruneUnlinked(folder, links);
}
//# sourceMappingURL=save.js.map