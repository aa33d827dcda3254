import * as tf from '@tensorflow/tfjs-core';
import { studentTerm } from './student-term.ts';

/**
 * `'crossEntropy'`: -sum p log q, the paper's own value. `'kl'`: sum p (log p - log q), which is less by the entropy of p;
 * the student cannot change that, so the gradients are equal.
 */
export type SoftValue = 'kl' | 'crossEntropy';

/**
 * T^2 * l(p, q) with p = softmax(r/T) and q = softmax(z/T), mean over the batch.
 * Its slope in z is T * (q - p) / batch, whichever value is shown.
 */
export function softTerm(z: tf.Tensor2D, r: tf.Tensor2D, T: number, value: SoftValue): tf.Scalar {
  const l = value === 'kl' ? klDivergence : crossEntropy;
  return studentTerm(
    z,
    r,
    (z, r) => {
      const logP = tf.logSoftmax(tf.div(r, T));
      const logQ = tf.logSoftmax(tf.div(z, T));
      return tf.mul(T ** 2, tf.mean(l(logP, logQ)));
    },
    (z, r) => {
      const p = tf.softmax(tf.div(r, T));
      const q = tf.softmax(tf.div(z, T));
      return tf.mul(T / z.shape[0], tf.sub(q, p));
    },
  );
}

function crossEntropy(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(tf.exp(logP), logQ), -1));
}

/**
 * sum p (log p - log q), written as sum [p (log p - log q) - p + q] (p and q both sum to 1). With x = log q - log p
 * each summand is p (expm1(x) - x) >= 0, so nothing cancels. The plain sum does at a high temperature, where p and q
 * are close: its rounding error, times T^2, would hide a well-trained student's loss and could make it negative.
 */
function klDivergence(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  const p = tf.exp(logP);
  const x = tf.sub(logQ, logP);
  const near = tf.mul(p, tf.sub(tf.expm1(tf.minimum(x, 1)), x));
  // exp(x) would overflow here, and p exp(x) is q.
  const far = tf.sub(tf.sub(tf.exp(logQ), p), tf.mul(p, x));
  return tf.sum(tf.where(tf.less(x, 1), near, far), -1);
}
