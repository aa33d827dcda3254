import * as tf from '@tensorflow/tfjs-core';
import { gradient, type KernelExamples } from './inputs.ts';

const zeroPairs = [
  [0, 0],
  [0, 0],
];

function trainingBatchNorm(x: tf.Tensor, v: tf.Tensor1D): tf.Tensor[] {
  const inputs = { x, scale: tf.slice(v, 0, 2), offset: tf.slice(v, 2, 2) };
  const attrs = { epsilon: 1e-3, training: true };
  return (tf.engine().runKernel('FusedBatchNormV3', inputs, attrs) as tf.Tensor[]).slice(0, 3);
}

/** Kernels of images and volumes, and the fused ones. */
export const imageKernels: KernelExamples = {
  AvgPool: ({ image }) => tf.avgPool(image, 2, 2, 'same'),
  AvgPool3D: ({ volume }) => tf.avgPool3d(volume, 2, 2, 'valid'),
  AvgPool3DGrad: ({ volume }) =>
    gradient((x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid'), volume),
  AvgPoolGrad: ({ image }) => gradient((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'same'), image),
  BatchToSpaceND: ({ image }) =>
    tf.batchToSpaceND(tf.reshape(image, [4, 3, 3, 2]), [2, 2], zeroPairs),
  Conv2D: ({ image, filter }) => tf.conv2d(image, filter, 2, 'same'),
  Conv2DBackpropFilter: ({ image, filter }) =>
    gradient((f) => tf.conv2d(image, f as tf.Tensor4D, 1, 'same'), filter),
  Conv2DBackpropInput: ({ image, filter }) =>
    gradient((x) => tf.conv2d(x as tf.Tensor4D, filter, 1, 'same'), image),
  Conv3D: ({ volume, filter3d }) => tf.conv3d(volume, filter3d, 1, 'same'),
  Conv3DBackpropFilterV2: ({ volume, filter3d }) =>
    gradient((f) => tf.conv3d(volume, f as tf.Tensor5D, 1, 'same'), filter3d),
  Conv3DBackpropInputV2: ({ volume, filter3d }) =>
    gradient((x) => tf.conv3d(x as tf.Tensor5D, filter3d, 1, 'same'), volume),
  CropAndResize: ({ image, boxes }) =>
    tf.image.cropAndResize(
      image,
      tf.mul(boxes, 0.3) as tf.Tensor2D,
      tf.tensor1d([0, 0, 0], 'int32'),
      [3, 3],
    ),
  DepthToSpace: ({ image }) => tf.depthToSpace(tf.reshape(image, [1, 3, 3, 8]) as tf.Tensor4D, 2),
  DepthwiseConv2dNative: ({ image, filter }) => tf.depthwiseConv2d(image, filter, 1, 'same'),
  DepthwiseConv2dNativeBackpropFilter: ({ image, filter }) =>
    gradient((f) => tf.depthwiseConv2d(image, f as tf.Tensor4D, 1, 'same'), filter),
  DepthwiseConv2dNativeBackpropInput: ({ image, filter }) =>
    gradient((x) => tf.depthwiseConv2d(x as tf.Tensor4D, filter, 1, 'same'), image),
  Dilation2D: ({ image, filter }) =>
    tf.dilation2d(image, tf.mean(filter, 3) as tf.Tensor3D, 1, 'same'),
  Dilation2DBackpropFilter: ({ image, filter }) =>
    gradient((f) => tf.dilation2d(image, f as tf.Tensor3D, 1, 'same'), tf.mean(filter, 3)),
  Dilation2DBackpropInput: ({ image, filter }) =>
    gradient(
      (x) => tf.dilation2d(x as tf.Tensor4D, tf.mean(filter, 3) as tf.Tensor3D, 1, 'same'),
      image,
    ),
  FlipLeftRight: ({ image }) => tf.image.flipLeftRight(image),
  FusedBatchNorm: ({ image, v }) =>
    tf.batchNorm(image, tf.slice(v, 0, 2) as tf.Tensor1D, tf.abs(tf.slice(v, 2, 2)) as tf.Tensor1D),
  FusedConv2D: ({ image, filter, v }) =>
    tf.fused.conv2d({
      x: image,
      filter,
      strides: 1,
      pad: 'same',
      bias: tf.slice(v, 0, 2),
      activation: 'relu',
    }),
  FusedDepthwiseConv2D: ({ image, filter, v }) =>
    tf.fused.depthwiseConv2d({
      x: image,
      filter,
      strides: 1,
      pad: 'same',
      bias: v,
      activation: 'relu6',
    }),
  LRN: ({ image }) => tf.localResponseNormalization(image),
  LRNGrad: ({ image }) => gradient((x) => tf.localResponseNormalization(x as tf.Tensor4D), image),
  MaxPool: ({ image }) => tf.maxPool(image, 3, 2, 'same'),
  MaxPool3D: ({ volume }) => tf.maxPool3d(volume, 2, 2, 'valid'),
  MaxPool3DGrad: ({ volume }) =>
    gradient((x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid'), volume),
  MaxPoolGrad: ({ image }) => gradient((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same'), image),
  NonMaxSuppressionV3: ({ boxes, scores }) => tf.image.nonMaxSuppression(boxes, scores, 3),
  NonMaxSuppressionV4: ({ boxes, scores }) =>
    tf.image.nonMaxSuppressionPadded(boxes, scores, 3, 0.5, Number.NEGATIVE_INFINITY, true),
  NonMaxSuppressionV5: ({ boxes, scores }) => tf.image.nonMaxSuppressionWithScore(boxes, scores, 3),
  ResizeBilinear: ({ image }) => tf.image.resizeBilinear(image, [7, 9]),
  ResizeBilinearGrad: ({ image }) =>
    gradient((x) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 9]), image),
  ResizeNearestNeighbor: ({ image }) => tf.image.resizeNearestNeighbor(image, [7, 9]),
  ResizeNearestNeighborGrad: ({ image }) =>
    gradient((x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [7, 9]), image),
  SpaceToBatchND: ({ image }) => tf.spaceToBatchND(image, [2, 2], zeroPairs),
  GroupedConv2D: ({ image }) => {
    const filter = tf.reshape(tf.slice(image, 0, [1, 3, 3, 2]), [3, 3, 1, 2]);
    const attributes = { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC' };
    return tf.engine().runKernel('GroupedConv2D', { x: image, filter }, attributes) as tf.Tensor;
  },
  FusedBatchNormV3: ({ image, v }) => trainingBatchNorm(image, v),
  FusedBatchNormGradV3: ({ image, v }) =>
    gradient((x) => tf.square(trainingBatchNorm(x, v)[0]!), image),
  SoftmaxCrossEntropyWithLogits: ({ m }) =>
    tf.engine().runKernel('SoftmaxCrossEntropyWithLogits', {
      logits: m,
      labels: tf.softmax(m),
    }) as tf.Tensor[],
  MaxPoolWithArgmax: ({ image }) => ({ ...tf.maxPoolWithArgmax(image, 2, 2, 'same') }),
  Transform: ({ image }) =>
    tf.image.transform(image, tf.tensor2d([[1, 0.2, -1, 0, 1.1, 0.5, 0, 0]]), 'bilinear'),
};
