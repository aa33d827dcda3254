import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from './conv-norm.ts';

/** Feature maps [batch, height, width, channels] to logits: the mean over height and width, then the dense layer `name`. */
export function classify(
  maps: tf.Tensor4D,
  name: string,
  { parameters }: ForwardContext,
): tf.Tensor2D {
  const features = tf.mean(maps, [1, 2]) as tf.Tensor2D;
  const weight = parameters[`${name}.weight`] as tf.Variable<tf.Rank.R2>;
  return tf.add(tf.matMul(features, weight), parameters[`${name}.bias`]!);
}
