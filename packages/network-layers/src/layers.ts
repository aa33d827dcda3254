import * as tf from '@tensorflow/tfjs-core';
import { type ConvNorm, type ConvNormOptions, convNorm, type ForwardContext } from './conv-norm.ts';
import { averagePool, maxPoolAfterRelu } from './convolution.ts';
import { dense } from './head.ts';
import { dropPaths } from './stochastic-depth.ts';

/**
 * What a forward pass is written in, so that it is written once: with `tensorLayers` it computes, and with an exporter's layers, whose
 * values are names, it emits the nodes of a graph. A value is feature maps or features: as tensors [batch, height, width, channels] and
 * [batch, channels].
 */
export interface Layers<T> {
  /** A convolution without bias, and its batch norm. */
  convNorm(maps: T, layer: ConvNorm, options?: ConvNormOptions): T;
  relu(x: T): T;
  relu6(x: T): T;
  /** 3x3 max pool, stride 2, padding 1, of values that are not negative. */
  maxPoolAfterRelu(maps: T): T;
  /** 2x2 average pool, stride 2, in ceil mode with pads not counted. */
  averagePool(maps: T): T;
  /** Every `stride`-th pixel of every `stride`-th row, from the first. */
  subsample(maps: T, stride: number): T;
  /** The maps between channels of zeros. */
  padChannels(maps: T, padding: readonly [before: number, after: number]): T;
  add(a: T, b: T): T;
  /** Stochastic depth of a residual branch in training; in evaluation the branch. */
  dropPaths(branch: T, rate: number): T;
  /** The means over height and width. */
  channelMeans(maps: T): T;
  /** The dense layer `name`; its weight may be the kernel of a 1x1 convolution. */
  dense(features: T, name: string): T;
  /** A convolution of the channels in their order, with zeros around: a gate for each. */
  channelConvolution(features: T, name: string): T;
  /** maps * sigmoid(gates), a gate for each channel. */
  gate(maps: T, gates: T): T;
}

/** The layers that compute, with the variables of `context`. Call their methods inside `tf.tidy`. */
export function tensorLayers(context: ForwardContext): Layers<tf.Tensor> {
  const { parameters, training, random } = context;
  const maps = (x: tf.Tensor) => x as tf.Tensor4D;
  return {
    convNorm: (x, layer, options) => convNorm(maps(x), layer, { ...context, ...options }),
    relu: (x) => tf.relu(x),
    relu6: (x) => tf.relu6(x),
    maxPoolAfterRelu: (x) => maxPoolAfterRelu(maps(x)),
    averagePool: (x) => averagePool(maps(x)),
    // As a pool of single pixels: TensorFlow.js's strided slice has no gradient.
    subsample: (x, stride) => tf.avgPool(maps(x), 1, stride, 'valid'),
    padChannels: (x, [before, after]) =>
      tf.pad(x, [
        [0, 0],
        [0, 0],
        [0, 0],
        [before, after],
      ]),
    add: (a, b) => tf.add(a, b),
    dropPaths: (branch, rate) => (training ? dropPaths(maps(branch), rate, random) : branch),
    channelMeans: (x) => tf.mean(x, [1, 2]),
    dense: (x, name) => dense(x as tf.Tensor2D, name, context),
    channelConvolution(x, name) {
      const row = tf.reshape(x, [-1, x.shape[1]!, 1, 1]);
      const weight = parameters[`${name}.weight`]!;
      const kernel = tf.reshape(weight, [weight.size, 1, 1, 1]);
      return tf.conv2d(maps(row), maps(kernel), 1, 'same');
    },
    gate: (x, gates) => tf.mul(x, tf.sigmoid(tf.reshape(gates, [-1, 1, 1, x.shape[3]!]))),
  };
}
