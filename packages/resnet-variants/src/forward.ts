import {
  averagePool,
  convNorm,
  dropPaths,
  type ForwardContext,
  maxPoolAfterRelu,
} from '@bag-of-tricks/network-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, ResidualBlock } from './architecture.ts';
import { attend } from './attention.ts';

/** What a block adds to its branch: its input, the input's projection, or the input with more channels. */
export function shortcutPath(
  x: tf.Tensor4D,
  { shortcut }: ResidualBlock,
  context: ForwardContext,
): tf.Tensor4D {
  if (!shortcut) return x;
  if ('padding' in shortcut) {
    const [before, after] = shortcut.padding;
    // Every second pixel, as a pool of single ones: TensorFlow.js's strided slice has no gradient.
    return tf.pad(tf.avgPool(x, 1, shortcut.stride, 'valid'), [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, after],
    ]);
  }
  return convNorm(shortcut.averagePool ? averagePool(x) : x, shortcut.layer, context);
}

/** The sum of the residual branch and the shortcut, before the block's last ReLU. */
export function residualSum(
  x: tf.Tensor4D,
  block: ResidualBlock,
  context: ForwardContext,
): tf.Tensor4D {
  let y = x;
  for (const [index, layer] of block.branch.entries()) {
    y = convNorm(index === 0 ? y : tf.relu(y), layer, context);
  }
  if (block.attention) y = attend(y, block.attention, context);
  if (context.training) y = dropPaths(y, block.dropRate, context.random);
  return tf.add(y, shortcutPath(x, block, context));
}

/** Everything before the classifier's average: feature maps [batch, height / 32, width / 32, features]. */
export function featureMaps(
  images: tf.Tensor4D,
  architecture: Architecture,
  context: ForwardContext,
): tf.Tensor4D {
  let x = images;
  for (const layer of architecture.stem) x = tf.relu(convNorm(x, layer, context));
  if (architecture.maxPool) x = maxPoolAfterRelu(x);
  for (const block of architecture.blocks) x = tf.relu(residualSum(x, block, context));
  return x;
}
