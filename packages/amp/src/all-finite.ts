import * as tf from '@tensorflow/tfjs-core';

/** Gradients of at most so many elements are checked as one: to copy them costs less than two operations for each. */
const smallSize = 2 ** 16;

/**
 * Whether every element of every gradient is finite: the test that decides if a step is taken (He et al. 2019, section 3.2).
 *
 * ```
 * allFinite = AND over gradients g, elements i: |g_i| < Infinity
 * ```
 *
 * `gradients` are float32 tensors of any shapes by name, at least one. Returns a bool scalar tensor that the caller
 * disposes; nothing is read, so a graph compiler can trace it. Exact: unlike a test of the sum, large finite
 * gradients do not fail it, and unlike a test of `g * 0` no float32 copy of the gradients is made. Two operations for each
 * gradient above 65,536 elements; the others, most by number and few by size, are joined and cost two together.
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
export function allFinite(gradients: tf.NamedTensorMap): tf.Scalar {
  // tfjs's cpu backend returns false for `all` of nothing, so tensors without elements are left out.
  const tensors = checkGradients('allFinite', gradients)
    .map(([, gradient]) => gradient)
    .filter(({ size }) => size > 0);
  if (tensors.length === 0) return tf.scalar(true, 'bool');
  return tf.tidy(() => {
    const finite = joinSmall(tensors).map((gradient) => tf.all<tf.Scalar>(tf.isFinite(gradient)));
    return tf.all<tf.Scalar>(tf.stack(finite));
  });
}

/** The large tensors as they are, and the elements of the small ones in a single tensor. */
function joinSmall(tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const small = tensors.filter(({ size }) => size <= smallSize);
  const large = tensors.filter(({ size }) => size > smallSize);
  if (small.length < 2) return [...tensors];
  return [...large, tf.concat1d(small.map((tensor) => tf.reshape(tensor, [tensor.size])))];
}

/** The [name, gradient] pairs of a map; throws when it is empty or holds anything but float32 tensors. */
export function checkGradients(
  caller: string,
  gradients: tf.NamedTensorMap,
): [name: string, gradient: tf.Tensor][] {
  const entries = Object.entries(gradients);
  if (entries.length === 0) {
    throw new Error(
      `${caller}: expected at least one gradient, got none. Pass tf.variableGrads(f).grads.`,
    );
  }
  for (const [name, gradient] of entries) {
    if (!(gradient instanceof tf.Tensor) || gradient.dtype !== 'float32') {
      throw new TypeError(
        `${caller}: expected gradient '${name}' to be a float32 tensor, got ${gradient?.dtype ?? gradient}. Leave out variables that are not trained.`,
      );
    }
  }
  return entries;
}
