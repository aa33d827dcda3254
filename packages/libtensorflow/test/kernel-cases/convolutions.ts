import * as tf from '@tensorflow/tfjs-core';
import type { Computation, KernelCases } from './case.ts';
import { gradient } from './gradient.ts';
import { distinct, sample, small } from './sample.ts';

function pooling(
  op: (x: never, size: number, strides: number, pad: 'same' | 'valid') => tf.Tensor,
  rank: 4 | 5,
): Record<string, Computation> {
  const shape = [1, 4, 4, 4, 2].slice(5 - rank) as unknown as [number, number, number, number];
  shape[0] = 1;
  return {
    same: (d) => op(sample(d, shape) as never, 2, 2, 'same'),
    valid: (d) => op(sample(d, shape) as never, 3, 1, 'valid'),
  };
}
export const convolutionCases: KernelCases = {
  AvgPool: pooling(tf.avgPool, 4),
  AvgPool3D: pooling(tf.avgPool3d, 5),
  AvgPool3DGrad: {
    valid: () =>
      gradient((x) => tf.avgPool3d(x, 2, 1, 'valid'), sample('float32', [1, 3, 4, 4, 2])),
    same: () => gradient((x) => tf.avgPool3d(x, 2, 2, 'same'), sample('float32', [1, 3, 4, 4, 2])),
  },
  AvgPoolGrad: {
    valid: () => gradient((x) => tf.avgPool(x, 3, 2, 'valid'), sample('float32', [1, 5, 4, 2])),
    same: () => gradient((x) => tf.avgPool(x, 3, 2, 'same'), sample('float32', [1, 5, 4, 2])),
  },
  Conv2D: {
    same: (d) => tf.conv2d(sample(d, [1, 4, 4, 2]), sample(d, [3, 3, 2, 3], 1), 2, 'same'),
    dilated: (d) =>
      tf.conv2d(sample(d, [1, 5, 5, 2]), sample(d, [2, 2, 2, 3], 1), 1, 'valid', 'NHWC', 2),
    'explicit padding': (d) =>
      tf.conv2d(sample(d, [1, 4, 4, 2]), sample(d, [3, 3, 2, 3], 1), 1, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
  },
  Conv2DBackpropFilter: {
    '1x1': () =>
      gradient(
        (w) => tf.conv2d(sample('float32', [1, 4, 4, 2]), w, 1, 'same'),
        sample('float32', [1, 1, 2, 3]),
      ),
    '3x3': () =>
      gradient(
        (w) => tf.conv2d(sample('float32', [1, 4, 4, 2]), w, 2, 'same'),
        sample('float32', [3, 3, 2, 3]),
      ),
  },
  Conv2DBackpropInput: {
    '3x3': () =>
      gradient(
        (x) => tf.conv2d(x, sample('float32', [3, 3, 2, 3]), 2, 'same'),
        sample('float32', [1, 4, 4, 2]),
      ),
    transposed: (d) =>
      tf.conv2dTranspose(
        sample(d, [1, 2, 2, 3]),
        sample(d, [2, 2, 2, 3], 1),
        [1, 4, 4, 2],
        2,
        'same',
      ),
  },
  Conv3D: {
    same: (d) => tf.conv3d(sample(d, [1, 3, 3, 3, 2]), sample(d, [2, 2, 2, 2, 2], 1), 1, 'same'),
  },
  Conv3DBackpropFilterV2: {
    same: () =>
      gradient(
        (w) => tf.conv3d(sample('float32', [1, 3, 3, 3, 2]), w, 1, 'same'),
        sample('float32', [2, 2, 2, 2, 2]),
      ),
  },
  Conv3DBackpropInputV2: {
    same: () =>
      gradient(
        (x) => tf.conv3d(x, sample('float32', [2, 2, 2, 2, 2]), 1, 'same'),
        sample('float32', [1, 3, 3, 3, 2]),
      ),
    transposed: (d) =>
      tf.conv3dTranspose(
        sample(d, [1, 2, 2, 2, 2]),
        sample(d, [2, 2, 2, 1, 2], 1),
        [1, 4, 4, 4, 1],
        2,
        'same',
      ),
  },
  DepthwiseConv2dNative: {
    same: (d) => tf.depthwiseConv2d(sample(d, [1, 4, 4, 2]), sample(d, [3, 3, 2, 2], 1), 1, 'same'),
  },
  DepthwiseConv2dNativeBackpropFilter: {
    same: () =>
      gradient(
        (w) => tf.depthwiseConv2d(sample('float32', [1, 4, 4, 2]), w, 1, 'same'),
        sample('float32', [3, 3, 2, 2]),
      ),
  },
  DepthwiseConv2dNativeBackpropInput: {
    same: () =>
      gradient(
        (x) => tf.depthwiseConv2d(x, sample('float32', [3, 3, 2, 2]), 1, 'same'),
        sample('float32', [1, 4, 4, 2]),
      ),
  },
  Dilation2D: {
    same: (d) => tf.dilation2d(sample(d, [1, 4, 4, 2]), sample(d, [2, 2, 2], 1), 1, 'same'),
  },
  Dilation2DBackpropFilter: {
    same: () =>
      gradient(
        (w) => tf.dilation2d(sample('float32', [1, 4, 4, 2]), w, 1, 'same'),
        sample('float32', [2, 2, 2]),
      ),
  },
  Dilation2DBackpropInput: {
    same: () =>
      gradient(
        (x) => tf.dilation2d(x, sample('float32', [2, 2, 2]), 1, 'same'),
        sample('float32', [1, 4, 4, 2]),
      ),
  },
  EluGrad: { numbers: () => gradient(tf.elu, sample('float32', [12])) },
  FusedBatchNorm: {
    vectors: (d) =>
      tf.batchNorm(
        sample(d, [1, 2, 2, 3]),
        sample(d, [3], 1),
        tf.clipByValue(small(d, [3], 1), 1, 9),
        sample(d, [3], 2),
        sample(d, [3], 3),
      ),
    'no scale': (d) =>
      tf.batchNorm(
        sample(d, [1, 2, 2, 3]),
        sample(d, [3], 1),
        tf.clipByValue(small(d, [3], 1), 1, 9),
      ),
  },
  FusedConv2D: {
    'bias and relu6': (d) =>
      tf.fused.conv2d({
        x: sample(d, [1, 4, 4, 2]),
        filter: sample(d, [3, 3, 2, 3], 1),
        strides: 1,
        pad: 'same',
        bias: sample(d, [3], 2),
        activation: 'relu6',
      }),
  },
  FusedDepthwiseConv2D: {
    'bias and relu': (d) =>
      tf.fused.depthwiseConv2d({
        x: sample(d, [1, 4, 4, 2]),
        filter: sample(d, [3, 3, 2, 1], 1),
        strides: 1,
        pad: 'same',
        bias: sample(d, [2], 2),
        activation: 'relu',
      }),
  },
  MaxPool: pooling(tf.maxPool, 4),
  MaxPool3D: pooling(tf.maxPool3d, 5),
  MaxPool3DGrad: {
    same: () => gradient((x) => tf.maxPool3d(x, 2, 2, 'same'), distinct([1, 3, 4, 4, 2])),
  },
  MaxPoolGrad: {
    same: () => gradient((x) => tf.maxPool(x, 3, 2, 'same'), distinct([1, 5, 4, 2])),
  },
};
