import { seededRandom } from '@bag-of-tricks/random';
import type { Network } from '@bag-of-tricks/trainer';
import * as tf from '@tensorflow/tfjs-core';

/** The smallest network that has what a checkpoint keeps: a weight, and a running mean as buffer. */
export function linearNetwork(inputs: number, classes: number): Network {
  const random = seededRandom(7);
  const values = Array.from({ length: inputs * classes }, () => random() - 0.5);
  const weight: tf.Variable<tf.Rank.R2> = tf.tidy(() =>
    tf.variable(tf.tensor2d(values, [inputs, classes])),
  );
  const mean = tf.tidy(() => tf.variable(tf.zeros([inputs]), false));
  return {
    name: 'linear',
    parameters: { weight },
    buffers: { mean },
    apply: (images, { training }) =>
      tf.tidy(() => {
        const flat = tf.reshape(images, [-1, inputs]);
        if (training) mean.assign(tf.add(tf.mul(mean, 0.9), tf.mul(tf.mean(flat, 0), 0.1)));
        return tf.matMul(tf.sub(flat, mean) as tf.Tensor2D, weight);
      }),
    dispose: () => tf.dispose([weight, mean]),
  };
}
