import * as tf from '@tensorflow/tfjs-core';

/** Draws a float32 tensor of numbers that are uniform in [0, 1). */
export type UniformTensor = (shape: readonly number[]) => tf.Tensor;

/**
 * Leaves the residual branch of some images out, and scales the others so that the expectation stays, Huang et al. 2016.
 *
 * ```
 * branch_i := branch_i * b_i / (1 - rate)           b_i ~ Bernoulli(1 - rate), one an image
 * ```
 *
 * timm's `DropPath(rate, scale_by_keep=True)`. At rate 0 the branch itself. Call it inside `tf.tidy`.
 */
export function dropPaths(branch: tf.Tensor4D, rate: number, random: UniformTensor): tf.Tensor4D {
  if (rate === 0) return branch;
  const survival = 1 - rate;
  const survives = tf.less(random([branch.shape[0], 1, 1, 1]), survival);
  return tf.mul(branch, tf.div(tf.cast(survives, 'float32'), survival));
}
