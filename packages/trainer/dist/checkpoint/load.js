import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createModel, loadStateDict } from '@bag-of-tricks/resnet-variants';
import { parseSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import { readPart } from "./files.js";
import { parseState } from "./state.js";
import { fromSafetensors } from "./tensors.js";
/**
 * Open a checkpoint folder, or the checkpoint `link` of a run folder.
 *
 * @throws Error when there is none, or its state is damaged.
 */
export async function openCheckpoint(path, link) {
    const inRun = join(path, 'checkpoints', link);
    const folder = existsSync(inRun) ? inRun : path;
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
        throw new Error(`checkpoint ${path}: expected a run folder or a checkpoint folder, found none. Check the path`);
    }
    const state = new TextDecoder().decode(await readPart(folder, 'state.json'));
    return { folder, state: parseState(state, join(folder, 'state.json')) };
}
async function readTensors(folder, name) {
    const bytes = await readPart(folder, name);
    try {
        return fromSafetensors(parseSafetensors(bytes).tensors);
    }
    catch (cause) {
        throw new Error(`${join(folder, name)}: ${cause.message}. The file is damaged; use another checkpoint`, {
            cause,
        });
    }
}
/** Load the weights and running statistics into `model`; nothing is changed when a name or a shape does not fit. */
export async function restoreModel({ folder }, model) {
    const dict = await readTensors(folder, 'model.safetensors');
    try {
        loadStateDict(model, dict);
    }
    catch (cause) {
        throw new Error(`checkpoint ${folder} does not fit ${model.name}: ${cause.message}`, { cause });
    }
}
/** Load the velocities into `optimizer`. */
export async function restoreOptimizer({ folder }, optimizer) {
    const arrays = await readTensors(folder, 'optimizer.safetensors');
    tf.tidy(() => {
        const tensors = Object.entries(arrays).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]);
        optimizer.setState(Object.fromEntries(tensors));
    });
}
/** The network of a checkpoint with its weights, for evaluation or as a teacher. */
export async function loadModel(checkpoint) {
    const { config, classNames, imageShape } = checkpoint.state;
    const model = createModel(config.model, {
        numClasses: classNames.length,
        inputChannels: imageShape[2],
        seed: config.seed,
    });
    await restoreModel(checkpoint, model);
    return model;
}
//# sourceMappingURL=load.js.map