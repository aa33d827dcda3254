import * as tf from '@tensorflow/tfjs-core';

/** lam * x_i + (1 - lam) * x_j in FP32. */
export function blend<T extends tf.Tensor>(xi: T, xj: T, lam: number | tf.Scalar): T {
  const rest = typeof lam === 'number' ? 1 - lam : tf.sub(1, lam);
  return tf.add(tf.mul(lam, tf.cast(xi, 'float32')), tf.mul(rest, tf.cast(xj, 'float32')));
}
