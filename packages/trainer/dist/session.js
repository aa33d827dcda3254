import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from "./backend.js";
import { loadModel, openCheckpoint, restoreModel, restoreOptimizer, } from "./checkpoint/load.js";
import { openDataset, stepsInEpoch } from "./data/open.js";
import { buildModel, buildOptimizer, buildSchedule } from "./recipe.js";
import { compiledRunner } from "./step/compiled-runner.js";
import { eagerRunner } from "./step/eager-runner.js";
import { createEvalStep } from "./step/eval-step.js";
import { openLossScaling } from "./step/loss-scaling.js";
import { choosePrecision, inPrecision } from "./step/precision.js";
import { createTrainStep } from "./step/train-step.js";
/** The teacher of a distillation, checked against what the student sees. */
async function loadTeacher(path, dataset) {
    const checkpoint = await openCheckpoint(path, 'best');
    const { imageShape, classNames } = checkpoint.state;
    const same = imageShape.join() === dataset.imageShape.join() &&
        classNames.join('\n') === dataset.classNames.join('\n');
    if (!same) {
        throw new Error(`teacher ${path}: expected a network for ${dataset.classNames.length} classes of ${dataset.imageShape.join('x')} images (${dataset.name}), ` +
            `got one for ${classNames.length} classes of ${imageShape.join('x')} images (${checkpoint.state.config.dataset}). Train a teacher on the student's dataset`);
    }
    return loadModel(checkpoint);
}
/** Load the backend and the data, build the network, the optimiser and the step, and restore a checkpoint into them. */
export async function openSession(requested, checkpoint, onProgress = () => { }) {
    const backend = await openBackend(onProgress);
    const precision = choosePrecision(requested.amp);
    const amp = precision && { dtype: precision.dtype, lossScale: precision.lossScale };
    const config = { ...requested, amp };
    const dataset = await openDataset(config, { cacheDirectory: cacheRoot(), onProgress });
    const stepsPerEpoch = stepsInEpoch(dataset, config);
    const schedule = buildSchedule(config, stepsPerEpoch);
    const numClasses = dataset.classNames.length;
    const teacher = config.distillation
        ? await loadTeacher(config.distillation.teacher, dataset)
        : null;
    const model = buildModel(config, { numClasses, inputChannels: dataset.imageShape[2] });
    const optimizer = buildOptimizer(model, config.optimizer);
    const lossScaling = openLossScaling(precision, checkpoint?.state.lossScale ?? null);
    if (checkpoint) {
        await restoreModel(checkpoint, model);
        await restoreOptimizer(checkpoint, optimizer);
    }
    const parts = {
        trainStep: inPrecision(precision, createTrainStep({
            model,
            teacher,
            optimizer,
            lossScaling,
            pixels: dataset,
            numClasses,
            config,
        })),
        evalStep: inPrecision(precision, createEvalStep({ model, pixels: dataset, numClasses })),
        imageShape: dataset.imageShape,
    };
    const runner = config.compile ? await compiledRunner(parts) : eagerRunner(parts);
    return {
        config,
        backend,
        precision,
        dataset,
        stepsPerEpoch,
        schedule,
        model,
        optimizer,
        lossScaling,
        runner,
        async dispose() {
            await runner.dispose();
            model.dispose();
            teacher?.dispose();
            optimizer.dispose();
            tf.dispose({ ...lossScaling?.state });
        },
    };
}
//# sourceMappingURL=session.js.map