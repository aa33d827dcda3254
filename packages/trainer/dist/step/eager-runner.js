import * as tf from '@tensorflow/tfjs-core';
import { batchTensors } from "./batch-tensors.js";
import { readScalars } from "./read-scalars.js";
/** Scores op by op. */
export function eagerScorer({ evalStep, imageShape }) {
    return {
        evaluate: (batch) => readScalars(() => evalStep(batchTensors(batch, imageShape))),
        dispose: () => Promise.resolve(),
    };
}
/** Runs each op of a step as it comes: slower than the graph, but every tensor can be looked at. */
export function eagerRunner({ trainStep, ...parts }) {
    return {
        ...eagerScorer(parts),
        train: (batch, { learningRate, lambda }) => readScalars(() => trainStep({
            ...batchTensors(batch, parts.imageShape),
            learningRate: tf.scalar(learningRate),
            lambda: tf.scalar(lambda),
        })),
        sync: () => Promise.resolve(),
    };
}
//# sourceMappingURL=eager-runner.js.map