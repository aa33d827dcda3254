import * as tf from '@tensorflow/tfjs-core';
/** The [name, gradient] pairs of a map; throws when it is empty or holds anything but float32 tensors. */
export function checkGradients(caller, gradients) {
    const entries = Object.entries(gradients);
    if (entries.length === 0) {
        throw new Error(`${caller}: expected at least one gradient, got none. Pass tf.variableGrads(f).grads.`);
    }
    for (const [name, gradient] of entries) {
        if (!(gradient instanceof tf.Tensor) || gradient.dtype !== 'float32') {
            throw new TypeError(`${caller}: expected gradient '${name}' to be a float32 tensor, got ${gradient?.dtype ?? gradient}. Leave out variables that are not trained.`);
        }
    }
    return entries;
}
//# sourceMappingURL=gradients.js.map