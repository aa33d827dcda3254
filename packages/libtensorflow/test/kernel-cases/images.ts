import * as tf from '@tensorflow/tfjs-core';
import type { Computation, KernelCases } from './case.ts';
import { sample } from './sample.ts';
import { special } from './unary.ts';

/** The gradient of an op by one input, under a `dy` that is no constant. */
function gradient(op: (x: never) => tf.Tensor, x: tf.Tensor): tf.Tensor {
  const dy = sample('float32', op(x as never).shape as [number], 3);
  return tf.grad(op as (x: tf.Tensor) => tf.Tensor)(x, dy);
}

const boxes = (d: tf.DataType) =>
  tf.cast(tf.tensor2d([[0, 0, 4, 4], [0, 0, 4, 3], [0, 5, 4, 9], [1, 1, 5, 5]]), d);
const scores = (d: tf.DataType) => tf.cast(tf.tensor1d([9, 8, 7, 1]), d);

function resizing(
  resize: typeof tf.image.resizeBilinear,
): Record<string, Computation> {
  return {
    'larger': (d) => resize(sample(d, [1, 2, 3, 2]), [4, 5]),
    'smaller, corners aligned': (d) => resize(sample(d, [1, 4, 4, 1]), [2, 3], true),
    'half-pixel centres': (d) => resize(sample(d, [1, 3, 3, 2]), [5, 4], false, true),
    'no images': (d) => resize(sample(d, [0, 2, 2, 1]), [3, 3]),
  };
}

export const imageCases: KernelCases = {
  CropAndResize: {
    'two boxes': (d) =>
      tf.image.cropAndResize(
        sample(d, [1, 4, 4, 2]),
        tf.tensor2d([[0, 0, 1, 1], [0.5, 0.25, 1.5, 0.75]]),
        tf.tensor1d([0, 0], 'int32'),
        [3, 2],
        'bilinear',
        -1.5,
      ),
    nearest: (d) =>
      tf.image.cropAndResize(
        sample(d, [1, 4, 4, 2]), tf.tensor2d([[0, 0, 0.5, 1]]), tf.tensor1d([0], 'int32'), [3, 2], 'nearest'),
  },
  LRN: {
    'channels': (d) => tf.localResponseNormalization(sample(d, [1, 2, 2, 5]), 2, 1, 0.5, 0.75),
  },
  LRNGrad: {
    'channels': () =>
      gradient((x) => tf.localResponseNormalization(x, 2, 1, 0.5, 0.75), sample('float32', [1, 2, 2, 5])),
  },
  NonMaxSuppressionV3: {
    'some boxes': (d) => tf.image.nonMaxSuppression(boxes(d) as tf.Tensor2D, scores(d) as tf.Tensor1D, 3, 0.5, 2),
  },
  NonMaxSuppressionV4: {
    'padded': (d) =>
      Object.values(tf.image.nonMaxSuppressionPadded(boxes(d) as tf.Tensor2D, scores(d) as tf.Tensor1D, 4, 0.5, 2, true)),
  },
  NonMaxSuppressionV5: {
    'with scores': (d) =>
      Object.values(tf.image.nonMaxSuppressionWithScore(boxes(d) as tf.Tensor2D, scores(d) as tf.Tensor1D, 4, 0.5, 0, 0.3)),
  },
  ResizeBilinear: resizing(tf.image.resizeBilinear),
  ResizeBilinearGrad: {
    plain: () => gradient((x) => tf.image.resizeBilinear(x, [4, 5]), sample('float32', [1, 2, 3, 2])),
    'corners aligned': () => gradient((x) => tf.image.resizeBilinear(x, [4, 5], true), sample('float32', [1, 2, 3, 2])),
  },
  ResizeNearestNeighbor: resizing(tf.image.resizeNearestNeighbor as typeof tf.image.resizeBilinear),
  ResizeNearestNeighborGrad: {
    plain: () => gradient((x) => tf.image.resizeNearestNeighbor(x, [4, 5]), sample('float32', [1, 2, 3, 2])),
    'corners aligned': () =>
      gradient((x) => tf.image.resizeNearestNeighbor(x, [4, 5], true), sample('float32', [1, 2, 3, 2])),
  },
};

function pooling(op: (x: never, size: number, strides: number, pad: 'same' | 'valid') => tf.Tensor, rank: 4 | 5): Record<string, Computation> {
  const shape = [1, 4, 4, 4, 2].slice(5 - rank) as unknown as [number, number, number, number];
  shape[0] = 1;
  return {
    same: (d) => op(sample(d, shape) as never, 2, 2, 'same'),
    valid: (d) => op(sample(d, shape) as never, 3, 1, 'valid'),
  };
}
const ofFloats = (computation: Computation): Computation => () => computation('float32');

export const convolutionCases: KernelCases = {
  AvgPool: pooling(tf.avgPool, 4),
  AvgPool3D: pooling(tf.avgPool3d, 5),
  AvgPool3DGrad: { same: () => gradient((x) => tf.avgPool3d(x, 2, 2, 'same'), sample('float32', [1, 3, 4, 4, 2])) },
  AvgPoolGrad: { same: () => gradient((x) => tf.avgPool(x, 3, 2, 'same'), sample('float32', [1, 5, 4, 2])) },
  Conv2D: {
    same: (d) => tf.conv2d(sample(d, [1, 4, 4, 2]), sample(d, [3, 3, 2, 3], 1), 2, 'same'),
    dilated: (d) => tf.conv2d(sample(d, [1, 5, 5, 2]), sample(d, [2, 2, 2, 3], 1), 1, 'valid', 'NHWC', 2),
    'explicit padding': (d) =>
      tf.conv2d(sample(d, [1, 4, 4, 2]), sample(d, [3, 3, 2, 3], 1), 1, [[0, 0], [1, 2], [0, 1], [0, 0]]),
  },
  Conv2DBackpropFilter: {
    '1x1': () =>
      gradient((w) => tf.conv2d(sample('float32', [1, 4, 4, 2]), w, 1, 'same'), sample('float32', [1, 1, 2, 3])),
    '3x3': () =>
      gradient((w) => tf.conv2d(sample('float32', [1, 4, 4, 2]), w, 2, 'same'), sample('float32', [3, 3, 2, 3])),
  },
  Conv2DBackpropInput: {
    '3x3': () =>
      gradient((x) => tf.conv2d(x, sample('float32', [3, 3, 2, 3]), 2, 'same'), sample('float32', [1, 4, 4, 2])),
    transposed: (d) => tf.conv2dTranspose(sample(d, [1, 2, 2, 3]), sample(d, [2, 2, 2, 3], 1), [1, 4, 4, 2], 2, 'same'),
  },
  Conv3D: { same: (d) => tf.conv3d(sample(d, [1, 3, 3, 3, 2]), sample(d, [2, 2, 2, 2, 2], 1), 1, 'same') },
  Conv3DBackpropFilterV2: {
    same: () =>
      gradient((w) => tf.conv3d(sample('float32', [1, 3, 3, 3, 2]), w, 1, 'same'), sample('float32', [2, 2, 2, 2, 2])),
  },
  Conv3DBackpropInputV2: {
    same: () =>
      gradient((x) => tf.conv3d(x, sample('float32', [2, 2, 2, 2, 2]), 1, 'same'), sample('float32', [1, 3, 3, 3, 2])),
    transposed: (d) =>
      tf.conv3dTranspose(sample(d, [1, 2, 2, 2, 2]), sample(d, [2, 2, 2, 1, 2], 1), [1, 4, 4, 4, 1], 2, 'same'),
  },
  DepthwiseConv2dNative: {
    same: (d) => tf.depthwiseConv2d(sample(d, [1, 4, 4, 2]), sample(d, [3, 3, 2, 2], 1), 1, 'same'),
  },
  DepthwiseConv2dNativeBackpropFilter: {
    same: () =>
      gradient((w) => tf.depthwiseConv2d(sample('float32', [1, 4, 4, 2]), w, 1, 'same'), sample('float32', [3, 3, 2, 2])),
  },
  DepthwiseConv2dNativeBackpropInput: {
    same: () =>
      gradient((x) => tf.depthwiseConv2d(x, sample('float32', [3, 3, 2, 2]), 1, 'same'), sample('float32', [1, 4, 4, 2])),
  },
  Dilation2D: { same: (d) => tf.dilation2d(sample(d, [1, 4, 4, 2]), sample(d, [2, 2, 2], 1), 1, 'same') },
  Dilation2DBackpropFilter: {
    same: () =>
      gradient((w) => tf.dilation2d(sample('float32', [1, 4, 4, 2]), w, 1, 'same'), sample('float32', [2, 2, 2])),
  },
  Dilation2DBackpropInput: {
    same: () =>
      gradient((x) => tf.dilation2d(x, sample('float32', [2, 2, 2]), 1, 'same'), sample('float32', [1, 4, 4, 2])),
  },
  EluGrad: { numbers: () => gradient(tf.elu, sample('float32', [12])) },
  FusedBatchNorm: {
    vectors: (d) =>
      tf.batchNorm(sample(d, [1, 2, 2, 3]), sample(d, [3], 1), tf.cast(tf.tensor1d([1, 4, 9]), d), sample(d, [3], 2), sample(d, [3], 3)),
    'no scale': (d) => tf.batchNorm(sample(d, [1, 2, 2, 3]), sample(d, [3], 1), tf.cast(tf.tensor1d([1, 4, 9]), d)),
  },
  FusedConv2D: {
    'bias and relu6': (d) =>
      tf.fused.conv2d({
        x: sample(d, [1, 4, 4, 2]), filter: sample(d, [3, 3, 2, 3], 1), strides: 1, pad: 'same',
        bias: sample(d, [3], 2), activation: 'relu6',
      }),
  },
  FusedDepthwiseConv2D: {
    'bias and relu': (d) =>
      tf.fused.depthwiseConv2d({
        x: sample(d, [1, 4, 4, 2]), filter: sample(d, [3, 3, 2, 1], 1), strides: 1, pad: 'same',
        bias: sample(d, [2], 2), activation: 'relu',
      }),
  },
  MaxPool: pooling(tf.maxPool, 4),
  MaxPool3D: pooling(tf.maxPool3d, 5),
  MaxPool3DGrad: { same: () => gradient((x) => tf.maxPool3d(x, 2, 2, 'same'), sample('float32', [1, 3, 4, 4, 2])) },
  MaxPoolGrad: { same: ofFloats(() => gradient((x) => tf.maxPool(x, 3, 2, 'same'), sample('float32', [1, 5, 4, 2]))) },
};
