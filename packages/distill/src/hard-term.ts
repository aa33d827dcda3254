import * as tf from '@tensorflow/tfjs-core';
import { studentTerm } from './student-term.ts';

/** l(p, softmax(z)) = -sum_k p_k log softmax(z)_k, mean over the batch. */
export function hardTerm(p: tf.Tensor2D, z: tf.Tensor2D): tf.Scalar {
  return studentTerm(
    z,
    p,
    (z, p) => tf.neg(tf.mean(tf.sum(tf.mul(p, tf.logSoftmax(z)), -1))),
    (z, p) => tf.div(tf.sub(tf.mul(tf.softmax(z), tf.sum(p, -1, true)), p), z.shape[0]),
  );
}
