import { lossScaleVariables, scaledStep, } from '@bag-of-tricks/amp';
import * as tf from '@tensorflow/tfjs-core';
/** Begin with the scale of the configuration, or go on with that of a checkpoint; null where the precision needs none. */
export function openLossScaling(precision, saved) {
    if (!precision || precision.lossScale === null)
        return null;
    if (precision.lossScale === 'dynamic') {
        const lowest = 1;
        return { state: lossScaleVariables(saved ?? {}), rule: { min: lowest }, lowest };
    }
    // As float32 has it, like the variable.
    const scale = Math.fround(precision.lossScale);
    const rule = { growthFactor: 1, backoffFactor: 1, min: scale, max: scale };
    return { state: lossScaleVariables(saved ?? { scale }), rule, lowest: scale };
}
/** Differentiate and update; with loss scaling, a step whose gradients overflow changes nothing but the scale. */
export function descend(descent, scaling) {
    if (!scaling) {
        const { value, grads } = tf.variableGrads(descent.loss, descent.parameters);
        descent.update(grads);
        return { loss: value };
    }
    const { state, rule } = scaling;
    return {
        ...scaledStep({ ...descent, state, ...rule }),
        scale: tf.clone(state.scale),
        goodSteps: tf.clone(state.goodSteps),
        skippedSteps: tf.clone(state.skippedSteps),
    };
}
/** The state of the scale among the numbers of a step, if there is one. */
export function lossScaleAfter({ scale, goodSteps, skippedSteps, }) {
    if (scale === undefined || goodSteps === undefined || skippedSteps === undefined)
        return null;
    return { scale, goodSteps, skippedSteps };
}
//# sourceMappingURL=loss-scaling.js.map