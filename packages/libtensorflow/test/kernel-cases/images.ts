import * as tf from '@tensorflow/tfjs-core';
import type { Computation, KernelCases } from './case.ts';
import { gradient } from './gradient.ts';
import { sample } from './sample.ts';

const boxes = (d: tf.DataType) =>
  tf.cast(
    tf.tensor2d([
      [0, 0, 4, 4],
      [0, 0, 4, 3],
      [0, 5, 4, 9],
      [1, 1, 5, 5],
    ]),
    d,
  );
const scores = (d: tf.DataType) => tf.cast(tf.tensor1d([9, 8, 7, 1]), d);

function resizing(resize: typeof tf.image.resizeBilinear): Record<string, Computation> {
  return {
    larger: (d) => resize(sample(d, [1, 2, 3, 2]), [4, 5]),
    'smaller, corners aligned': (d) => resize(sample(d, [1, 4, 4, 1]), [2, 3], true),
    'half-pixel centres': (d) => resize(sample(d, [1, 3, 3, 2]), [5, 4], false, true),
    'no images': (d) => resize(sample(d, [0, 2, 2, 1]), [3, 3]),
  };
}

/** The kernel itself, on squares: the cpu backend's mixes up height and width, which tf.grad notes. */
function resizeBilinearGradient(alignCorners: boolean): tf.Tensor {
  const inputs = { images: sample('float32', [2, 3, 3, 2]), dy: sample('float32', [2, 4, 5, 2]) };
  return tf.engine().runKernel('ResizeBilinearGrad', inputs, { alignCorners }) as tf.Tensor;
}

export const imageCases: KernelCases = {
  CropAndResize: {
    'two boxes': (d) =>
      tf.image.cropAndResize(
        sample(d, [1, 4, 4, 2]),
        tf.tensor2d([
          [0, 0, 1, 1],
          [0.5, 0.25, 1.5, 0.75],
        ]),
        tf.tensor1d([0, 0], 'int32'),
        [3, 2],
        'bilinear',
        -1.5,
      ),
    nearest: (d) =>
      tf.image.cropAndResize(
        sample(d, [1, 4, 4, 2]),
        tf.tensor2d([[0, 0, 0.5, 1]]),
        tf.tensor1d([0], 'int32'),
        [3, 2],
        'nearest',
      ),
  },
  LRN: {
    channels: (d) => tf.localResponseNormalization(sample(d, [1, 2, 2, 5]), 2, 1, 0.5, 0.75),
  },
  LRNGrad: {
    channels: () =>
      gradient(
        (x) => tf.localResponseNormalization(x, 2, 1, 0.5, 0.75),
        sample('float32', [1, 2, 2, 5]),
      ),
  },
  NonMaxSuppressionV3: {
    'some boxes': (d) =>
      tf.image.nonMaxSuppression(boxes(d) as tf.Tensor2D, scores(d) as tf.Tensor1D, 3, 0.5, 2),
  },
  NonMaxSuppressionV4: {
    padded: (d) =>
      Object.values(
        tf.image.nonMaxSuppressionPadded(
          boxes(d) as tf.Tensor2D,
          scores(d) as tf.Tensor1D,
          4,
          0.5,
          2,
          true,
        ),
      ),
  },
  NonMaxSuppressionV5: {
    'with scores': (d) =>
      Object.values(
        tf.image.nonMaxSuppressionWithScore(
          boxes(d) as tf.Tensor2D,
          scores(d) as tf.Tensor1D,
          4,
          1,
          0,
          0.3,
        ),
      ),
    'a hard threshold': (d) =>
      Object.values(
        tf.image.nonMaxSuppressionWithScore(
          boxes(d) as tf.Tensor2D,
          scores(d) as tf.Tensor1D,
          4,
          0.5,
        ),
      ),
  },
  ResizeBilinear: resizing(tf.image.resizeBilinear),
  ResizeBilinearGrad: {
    plain: () => resizeBilinearGradient(false),
    'corners aligned': () => resizeBilinearGradient(true),
  },
  ResizeNearestNeighbor: resizing(tf.image.resizeNearestNeighbor as typeof tf.image.resizeBilinear),
  ResizeNearestNeighborGrad: {
    plain: () =>
      gradient((x) => tf.image.resizeNearestNeighbor(x, [4, 5]), sample('float32', [1, 2, 3, 2])),
    'corners aligned': () =>
      gradient(
        (x) => tf.image.resizeNearestNeighbor(x, [4, 5], true),
        sample('float32', [1, 2, 3, 2]),
      ),
  },
};
