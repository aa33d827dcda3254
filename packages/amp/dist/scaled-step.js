import * as tf from '@tensorflow/tfjs-core';
import { allFinite } from "./all-finite.js";
import { findNativeBackend } from "./autocast/native-backend.js";
import { nextLossScaleTensors } from "./next-loss-scale-tensors.js";
import { scaleLoss, unscaleGradients } from "./scale.js";
/**
 * One training step with dynamic loss scaling, without reading a value: to be compiled as a whole (He et al. 2019, section 3.2).
 *
 * ```
 * g = grad(scale * loss) / scale
 * finite:      update(g)
 * not finite:  every variable that the step assigned, running statistics too, is what it was
 * scale := nextLossScaleTensors(state, finite)
 * ```
 *
 * All variables that `loss` and `update` assign are found by themselves. Runs inside of `autocast` or without; the
 * options of the rule are those of `nextLossScale`, and `growthFactor: 1, backoffFactor: 1` keeps the scale static.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { lossScaleVariables, scaledStep } from '@bag-of-tricks/amp';
 *
 * const weight = tf.variable(tf.scalar(3));
 * const state = lossScaleVariables();
 * const { loss, finite } = scaledStep({
 *   loss: () => tf.square(weight),
 *   parameters: [weight],
 *   update: (gradients) => weight.assign(tf.sub(weight, tf.mul(gradients[weight.name]!, 0.1))),
 *   state,
 * });
 * ```
 *
 * Where implementations differ: PyTorch's `GradScaler` skips the optimiser only; the running statistics of batch norm keep
 * the values of an overflowed forward pass.
 *
 * @throws RangeError for an option out of range; TypeError when a gradient is no float32 tensor.
 */
export function scaledStep({ loss, parameters, update, state, ...rule }) {
    return tf.tidy(() => {
        const before = variablesOf(tf.backend()).map((variable) => ({
            variable,
            value: tf.clone(variable),
        }));
        const { value, grads } = tf.variableGrads(() => scaleLoss(loss(), state.scale), parameters);
        const finite = allFinite(grads);
        update(unscaleGradients(grads, state.scale));
        for (const old of before) {
            const { variable } = old;
            if (variable.isDisposed || variable.dataId === old.value.dataId)
                continue;
            variable.assign(choose(finite, variable, old.value));
        }
        const unscaled = tf.div(value, state.scale);
        const next = nextLossScaleTensors(state, finite, rule);
        for (const name of ['scale', 'goodSteps', 'skippedSteps']) {
            state[name].assign(next[name]);
        }
        return { loss: unscaled, finite };
    });
}
/** All variables there; to look at another backend's would move them. */
function variablesOf(backend) {
    const { registeredVariables, state } = tf.engine();
    return Object.values(registeredVariables).filter(({ dataId }) => state.tensorInfo.get(dataId)?.backend === backend);
}
function choose(condition, yes, no) {
    if (findNativeBackend() === undefined)
        return tf.where(condition, yes, no);
    // TensorFlow's op takes a scalar condition, which tf.where would repeat for every element.
    return tf.engine().runKernel(tf.Select, { condition, t: yes, e: no });
}
//# sourceMappingURL=scaled-step.js.map