import * as tf from '@tensorflow/tfjs-core';
import { checkGradients } from "./gradients.js";
/**
 * Whether every element of every gradient is finite: the test that decides if a step is taken (He et al. 2019, section 3.2).
 *
 * ```
 * allFinite = AND over gradients g, elements i: |g_i| < Infinity
 * ```
 *
 * `gradients` are float32 tensors of any shapes by name, at least one. Returns a bool scalar tensor that the caller
 * disposes; nothing is read, so a graph compiler can trace it. Exact: unlike a test of the sum, large finite
 * gradients do not fail it. Two operations per gradient, two more for all.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { allFinite } from '@bag-of-tricks/amp';
 *
 * allFinite({ a: tf.tensor1d([1, 2]), b: tf.scalar(NaN) }).print(); // false
 * ```
 *
 * @throws Error when there is no gradient, TypeError when an entry is no float32 tensor.
 */
export function allFinite(gradients) {
    // tfjs's cpu backend answers false for `all` of nothing, so tensors without elements are left out.
    const tensors = checkGradients('allFinite', gradients)
        .map(([, gradient]) => gradient)
        .filter(({ size }) => size > 0);
    if (tensors.length === 0)
        return tf.scalar(true, 'bool');
    return tf.tidy(() => {
        const finite = tensors.map((gradient) => tf.all(tf.isFinite(gradient)));
        return tf.all(tf.stack(finite));
    });
}
//# sourceMappingURL=all-finite.js.map