import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from './conv-norm.ts';

/** The dense layer `name`: features [batch, inputs] to [batch, outputs]. Its weight may be a kernel [1, 1, inputs, outputs]. */
export function dense(
  features: tf.Tensor2D,
  name: string,
  { parameters }: Pick<ForwardContext, 'parameters'>,
): tf.Tensor2D {
  const weight: tf.Tensor = parameters[`${name}.weight`]!;
  const matrix = weight.rank === 2 ? weight : tf.reshape(weight, weight.shape.slice(-2));
  return tf.add(tf.matMul(features, matrix as tf.Tensor2D), parameters[`${name}.bias`]!);
}
