import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, ConvNorm, ResidualBlock } from './architecture.ts';
import { batchNorm } from './batch-norm.ts';
import { averagePool, convolution, maxPoolAfterRelu } from './padding.ts';
import { dropPaths, type UniformTensor } from './stochastic-depth.ts';

/** Variables keyed by timm's names; what TensorFlow.js calls a NamedVariableMap and does not export. */
export type VariableMap = Readonly<Record<string, tf.Variable>>;

export interface ForwardContext {
  readonly parameters: VariableMap;
  readonly buffers: VariableMap;
  readonly training: boolean;
  /** What stochastic depth draws with. */
  readonly random: UniformTensor;
}

function convNorm(
  x: tf.Tensor4D,
  layer: ConvNorm,
  { parameters, buffers, training }: ForwardContext,
): tf.Tensor4D {
  const { conv, norm, stride } = layer;
  return batchNorm(
    convolution(x, parameters[`${conv}.weight`] as tf.Variable<tf.Rank.R4>, stride),
    {
      gamma: parameters[`${norm}.weight`] as tf.Variable<tf.Rank.R1>,
      beta: parameters[`${norm}.bias`] as tf.Variable<tf.Rank.R1>,
      runningMean: buffers[`${norm}.running_mean`] as tf.Variable<tf.Rank.R1>,
      runningVariance: buffers[`${norm}.running_var`] as tf.Variable<tf.Rank.R1>,
    },
    { training },
  );
}

/** What a block adds to its branch: its input, or the input's projection. */
export function shortcutPath(
  x: tf.Tensor4D,
  { shortcut }: ResidualBlock,
  context: ForwardContext,
): tf.Tensor4D {
  if (!shortcut) return x;
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
  if (context.training) y = dropPaths(y, block.dropRate, context.random);
  return tf.add(y, shortcutPath(x, block, context));
}

/** Everything before the classifier's average: feature maps [batch, height / 32, width / 32, features]. */
function featureMaps(
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

/** Images to logits. */
export function forward(
  images: tf.Tensor4D,
  architecture: Architecture,
  context: ForwardContext,
): tf.Tensor2D {
  const features = tf.mean(featureMaps(images, architecture, context), [1, 2]) as tf.Tensor2D;
  const weight = context.parameters['fc.weight'] as tf.Variable<tf.Rank.R2>;
  return tf.add(tf.matMul(features, weight), context.parameters['fc.bias']!);
}
