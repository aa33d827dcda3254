import * as tf from '@tensorflow/tfjs-core';

type ScalarOf = (z: tf.Tensor2D, target: tf.Tensor2D) => tf.Scalar;
type SlopeOf = (z: tf.Tensor2D, target: tf.Tensor2D) => tf.Tensor2D;

/**
 * A term of the loss whose slope in z is given by a formula, and which has none in its target. tfjs has no stopGradient;
 * this stands for it, and it frees the value to be computed in the numerically best way.
 */
export function studentTerm(
  z: tf.Tensor2D,
  target: tf.Tensor2D,
  value: ScalarOf,
  slope: SlopeOf,
): tf.Scalar {
  return tf.customGrad<tf.Scalar>((input, save) => {
    const z = input as tf.Tensor2D;
    (save as (tensors: tf.Tensor[]) => void)([z, target]);
    return {
      value: value(z, target),
      gradFunc: (dy, saved) => {
        const [z, target] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.mul(dy, slope(z, target));
      },
    };
  })(z);
}
