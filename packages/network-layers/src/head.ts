import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from './conv-norm.ts';

/** The dense layer `name`: features [batch, inputs] to logits [batch, outputs]. */
export function dense(
  features: tf.Tensor2D,
  name: string,
  { parameters }: Pick<ForwardContext, 'parameters'>,
): tf.Tensor2D {
  const weight = parameters[`${name}.weight`] as tf.Variable<tf.Rank.R2>;
  return tf.add(tf.matMul(features, weight), parameters[`${name}.bias`]!);
}
