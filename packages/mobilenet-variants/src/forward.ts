import {
  type ConvNorm,
  convNorm,
  dropPaths,
  type ForwardContext,
} from '@bag-of-tricks/network-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, MobileBlock } from './architecture.ts';
import type { MobileNetConfig } from './config.ts';

const ACTIVATIONS = { relu: tf.relu, relu6: tf.relu6 } as const;

/** Everything before the classifier's average: feature maps [batch, height / 32, width / 32, features]. */
export function featureMaps(
  images: tf.Tensor4D,
  { stem, blocks, head }: Architecture,
  { activation, padding, epsilon }: Pick<MobileNetConfig, 'activation' | 'padding' | 'epsilon'>,
  context: ForwardContext,
): tf.Tensor4D {
  const activate: (x: tf.Tensor4D) => tf.Tensor4D = ACTIVATIONS[activation];
  const linear = (x: tf.Tensor4D, layer: ConvNorm) =>
    convNorm(x, layer, { ...context, padding, epsilon });
  const activated = (x: tf.Tensor4D, layer: ConvNorm) => activate(linear(x, layer));
  const block = (x: tf.Tensor4D, { layers, linearLast, shortcut, dropRate }: MobileBlock) => {
    const inner = layers.slice(0, -1).reduce(activated, x);
    const y = (linearLast ? linear : activated)(inner, layers.at(-1)!);
    if (!shortcut) return y;
    return tf.add<tf.Tensor4D>(x, context.training ? dropPaths(y, dropRate, context.random) : y);
  };
  const maps = blocks.reduce(block, activated(images, stem));
  return head ? activated(maps, head) : maps;
}
