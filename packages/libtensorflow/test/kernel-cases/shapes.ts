import * as tf from '@tensorflow/tfjs-core';
import type { KernelCases } from './case.ts';
import { dtypes, sample, special } from './sample.ts';

const block = {
  spread: [
    [0, 0],
    [0, 0],
  ],
  cut: [
    [1, 0],
    [0, 1],
  ],
};

/** What moves values and leaves them as they are: a type must not change them. */
export const shapeCases: KernelCases = {
  BatchToSpaceND: {
    'four batches': (d) => tf.batchToSpaceND(sample(d, [4, 1, 2, 1]), [2, 2], block.spread),
    'with crops': (d) => tf.batchToSpaceND(sample(d, [4, 2, 2, 1]), [2, 2], block.cut),
  },
  BroadcastArgs: {
    'two shapes': () => tf.broadcastArgs(tf.tensor1d([3, 1], 'int32'), tf.tensor1d([2], 'int32')),
  },
  Cast: Object.fromEntries(
    dtypes.flatMap((to) => [
      [`to ${to}`, (d) => tf.cast(sample(d, [3, 4]), to)],
      [`the ends of the type to ${to}`, (d) => tf.cast(special(d), to)],
      [`nothing to ${to}`, (d) => tf.cast(sample(d, [0, 2]), to)],
    ]),
  ),
  Concat: {
    'three matrices': (d) =>
      tf.concat([sample(d, [2, 2]), sample(d, [2, 3], 1), sample(d, [2, 0])], 1),
    'two vectors': (d) => tf.concat([sample(d, [2]), sample(d, [3], 1)]),
  },
  DepthToSpace: { 'four channels': (d) => tf.depthToSpace(sample(d, [1, 2, 2, 4]) as never, 2) },
  Diag: {
    'a vector': (d) => tf.diag(sample(d, [4])),
    'a matrix': (d) => tf.diag(sample(d, [2, 3])),
  },
  ExpandDims: {
    'a matrix': (d) => tf.expandDims(sample(d, [2, 3]), 1),
    'a scalar': (d) => tf.expandDims(sample(d, [])),
  },
  Fill: {
    'of the type': (d) => tf.fill([2, 3], (d === 'string' ? 'ä' : 16777217) as number, d),
    'of no elements': (d) => tf.fill([0, 3], (d === 'string' ? 'ä' : 1) as number, d),
    'of no type': () => tf.fill([2], 0.1),
  },
  FlipLeftRight: { 'an image': (d) => tf.image.flipLeftRight(sample(d, [1, 2, 3, 2])) },
  GatherNd: {
    rows: (d) => tf.gatherND(sample(d, [3, 4]), tf.tensor2d([[2], [0]], [2, 1], 'int32')),
    elements: (d) =>
      tf.gatherND(
        sample(d, [3, 4]),
        tf.tensor2d(
          [
            [2, 3],
            [0, 1],
          ],
          [2, 2],
          'int32',
        ),
      ),
  },
  GatherV2: {
    rows: (d) => tf.gather(sample(d, [3, 4]), tf.tensor1d([2, 0, 2], 'int32')),
    'columns of a batch': (d) =>
      tf.gather(
        sample(d, [2, 4]),
        tf.tensor2d(
          [
            [1, 3],
            [0, 0],
          ],
          [2, 2],
          'int32',
        ),
        1,
        1,
      ),
    nothing: (d) => tf.gather(sample(d, [3, 4]), tf.tensor1d([], 'int32')),
  },
  MirrorPad: {
    reflect: (d) =>
      tf.mirrorPad(
        sample(d, [2, 3]),
        [
          [1, 1],
          [2, 0],
        ],
        'reflect',
      ),
    symmetric: (d) =>
      tf.mirrorPad(
        sample(d, [2, 3]),
        [
          [1, 1],
          [2, 0],
        ],
        'symmetric',
      ),
  },
  OneHot: {
    'of float32': () => tf.oneHot(tf.tensor1d([0, 2, -1, 9], 'int32'), 3),
    'of the type': (d) => tf.oneHot(tf.tensor1d([0, 2], 'int32'), 3, 5, 2, d as 'int32'),
    'large numbers': (d) => tf.oneHot(tf.tensor1d([0, 2], 'int32'), 3, 16777217, -3, d as 'int32'),
    'of a matrix': () => tf.oneHot(tf.tensor2d([[0, 2]], [1, 2], 'int32'), 3),
  },
  Pack: {
    matrices: (d) => tf.stack([sample(d, [2, 3]), sample(d, [2, 3], 1)], 1),
    scalars: (d) => tf.stack([sample(d, []), sample(d, [], 1)]),
  },
  PadV2: {
    'with zeros': (d) =>
      tf.pad(sample(d, [2, 3]), [
        [1, 0],
        [2, 1],
      ]),
    'with a number': (d) => tf.pad(sample(d, [3]), [[1, 2]], 3),
    'with a number above 2 ** 24': (d) => tf.pad(sample(d, [3]), [[1, 2]], 16777217),
    'with a fraction': (d) => tf.pad(sample(d, [3]), [[1, 2]], 1.5),
    nothing: (d) =>
      tf.pad(
        sample(d, [0, 2]),
        [
          [1, 0],
          [0, 1],
        ],
        1,
      ),
  },
  Reshape: {
    'a matrix': (d) => tf.reshape(sample(d, [3, 4]), [2, -1]),
    nothing: (d) => tf.reshape(sample(d, [0, 4]), [2, 0]),
  },
  Reverse: {
    'a matrix': (d) => tf.reverse(sample(d, [3, 4]), [0, 1]),
    'one axis': (d) => tf.reverse(sample(d, [3, 4]), 1),
    'a scalar': (d) => tf.reverse(sample(d, [])),
  },
  ScatterNd: {
    rows: (d) => tf.scatterND(tf.tensor2d([[2], [0]], [2, 1], 'int32'), sample(d, [2, 3]), [4, 3]),
    'twice the same': (d) =>
      tf.scatterND(tf.tensor2d([[1], [1]], [2, 1], 'int32'), sample(d, [2]), [3]),
  },
  Select: {
    elements: (d) => tf.where(sample('bool', [3, 4]), sample(d, [3, 4]), sample(d, [3, 4], 1)),
    broadcast: (d) => tf.where<tf.Tensor>(sample('bool', [4]), sample(d, [3, 4]), sample(d, [], 1)),
    'of two types': (d) => tf.where(sample('bool', [4]), sample(d, [4]), sample('bool', [4])),
    nothing: (d) => tf.where(sample('bool', [0]), sample(d, [0]), sample(d, [0])),
  },
  Slice: {
    'a matrix': (d) => tf.slice(sample(d, [3, 4]), [1, 1], [2, 2]),
    'to the end': (d) => tf.slice(sample(d, [3, 4]), [1], -1),
    nothing: (d) => tf.slice(sample(d, [3, 4]), [1, 1], [0, 2]),
  },
  SpaceToBatchND: {
    'an image': (d) => tf.spaceToBatchND(sample(d, [1, 2, 2, 1]), [2, 2], block.spread),
    'with paddings': (d) => tf.spaceToBatchND(sample(d, [1, 3, 3, 1]), [2, 2], block.cut),
  },
  SparseToDense: {
    'a vector': (d) =>
      tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), sample(d, [2]), [5], sample(d, [], 1)),
    'a matrix': (d) =>
      tf.sparseToDense(
        tf.tensor2d(
          [
            [0, 1],
            [1, 0],
          ],
          [2, 2],
          'int32',
        ),
        sample(d, [2]),
        [2, 2],
        sample(d, [], 3),
      ),
  },
  SplitV: {
    'equal parts': (d) => tf.split(sample(d, [3, 4]), 2, 1),
    'given parts': (d) => tf.split(sample(d, [3, 4]), [1, 3, 0], 1),
  },
  StridedSlice: {
    steps: (d) => tf.stridedSlice(sample(d, [3, 4]), [0, 1], [3, 4], [2, 2]),
    backwards: (d) => tf.stridedSlice(sample(d, [3, 4]), [2, 3], [0, 0], [-1, -2]),
    masks: (d) => tf.stridedSlice(sample(d, [3, 4]), [1, 1], [2, 3], [1, 1], 1, 2, 0, 0, 1),
  },
  TensorScatterUpdate: {
    rows: (d) =>
      tf.tensorScatterUpdate(
        sample(d, [3, 2]),
        tf.tensor2d([[2], [0]], [2, 1], 'int32'),
        sample(d, [2, 2], 1),
      ),
  },
  Tile: {
    'a matrix': (d) => tf.tile(sample(d, [2, 3]), [2, 2]),
    'no times': (d) => tf.tile(sample(d, [2, 3]), [0, 1]),
  },
  TopK: {
    'of rows': (d) => Object.values(tf.topk(sample(d, [2, 5]), 3)),
    'with ties': (d) => Object.values(tf.topk(tf.concat([sample(d, [4]), sample(d, [4])]), 5)),
    ends: (d) => Object.values(tf.topk(special(d), 3)),
    all: (d) => Object.values(tf.topk(sample(d, [5]), 5, true)),
  },
  Transpose: {
    'a tensor': (d) => tf.transpose(sample(d, [2, 3, 2]), [2, 0, 1]),
    nothing: (d) => tf.transpose(sample(d, [0, 3])),
  },
  Unique: {
    'a vector': (d) => Object.values(tf.unique(tf.concat([sample(d, [5]), sample(d, [3])]))),
    rows: (d) => Object.values(tf.unique(tf.tile(sample(d, [2, 3]), [2, 1]), 0)),
    columns: (d) => Object.values(tf.unique(tf.tile(sample(d, [2, 3]), [1, 2]), 1)),
  },
  Unpack: {
    'a matrix': (d) => tf.unstack(sample(d, [3, 2]), 1),
    'a vector': (d) => tf.unstack(sample(d, [3])),
  },
  UnsortedSegmentSum: {
    rows: (d) => tf.unsortedSegmentSum(sample(d, [4, 2]), tf.tensor1d([0, 2, 0, 1], 'int32'), 4),
  },
};
