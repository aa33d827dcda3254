import * as tf from '@tensorflow/tfjs-core';
import type { KernelExamples } from './inputs.ts';

/** Kernels that reduce, reshape, select and multiply. */
export const otherKernels: KernelExamples = {
  All: ({ b }) => tf.all(b),
  Any: ({ b }) => tf.any(b),
  ArgMax: ({ m }) => tf.argMax(m, 1),
  ArgMin: ({ m }) => tf.argMin(m, 0),
  BatchMatMul: ({ m, n }) => tf.matMul(m, n),
  Bincount: ({ i }) => tf.bincount(i, [], 4),
  BroadcastArgs: ({ i }) =>
    tf.broadcastArgs(tf.add(i, tf.scalar(1, 'int32')), tf.tensor1d([4, 1, 3, 3], 'int32')),
  Concat: ({ v, w }) => tf.concat([v, w]),
  Cumprod: ({ v }) => tf.cumprod(v),
  Cumsum: ({ v }) => tf.cumsum(v, 0, true, true),
  DenseBincount: ({ i }) => tf.denseBincount(i, [], 4),
  Diag: ({ v }) => tf.diag(v),
  Einsum: ({ m, n }) => tf.einsum('ij,jk->ik', m, n),
  ExpandDims: ({ v }) => tf.expandDims(v, 1),
  FFT: ({ v, w }) => tf.abs(tf.fft(tf.complex(v, w))),
  Fill: ({ v }) => tf.mul(v, tf.fill([4], 3)),
  GatherNd: ({ m }) =>
    tf.gatherND(
      m,
      tf.tensor2d(
        [
          [0, 1],
          [2, 2],
        ],
        [2, 2],
        'int32',
      ),
    ),
  GatherV2: ({ n, i }) => tf.gather(n, i),
  IFFT: ({ v, w }) => tf.abs(tf.ifft(tf.complex(v, w))),
  LinSpace: ({ v }) => tf.mul(v, tf.linspace(0, 1, 4)),
  Max: ({ m }) => tf.max(m, 1),
  Mean: ({ m }) => tf.mean(m, 1),
  Min: ({ m }) => tf.min(m, 0),
  MirrorPad: ({ m }) =>
    tf.mirrorPad(
      m,
      [
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
  Multinomial: ({ v }) => tf.multinomial(v, 5),
  OneHot: ({ i }) => tf.oneHot(i, 4),
  Pack: ({ v, w }) => tf.stack([v, w]),
  PadV2: ({ m }) =>
    tf.pad(
      m,
      [
        [1, 0],
        [0, 1],
      ],
      0.5,
    ),
  Prod: ({ v }) => tf.prod(v),
  Range: ({ v }) => tf.mul(v, tf.range(0, 4)),
  Reshape: ({ m }) => tf.reshape(m, [-1]),
  Reverse: ({ m }) => tf.reverse(m, 1),
  ScatterNd: ({ v }) => tf.scatterND(tf.tensor2d([[1], [3], [0], [6]], [4, 1], 'int32'), v, [8]),
  SearchSorted: ({ p, w }) => tf.searchSorted(tf.cumsum(p), w),
  Slice: ({ m }) => tf.slice(m, [1, 1], [2, 2]),
  Softmax: ({ m }) => tf.softmax(m),
  SparseToDense: ({ v }) => tf.sparseToDense(tf.tensor1d([0, 1, 3, 5], 'int32'), v, [6], 0),
  SplitV: ({ n }) => tf.split(n, 2),
  StaticRegexReplace: () =>
    tf.equal(
      tf.string.staticRegexReplace(tf.tensor1d(['ab', 'b']), 'a', 'c'),
      tf.tensor1d(['cb', 'c']),
    ),
  StridedSlice: ({ m }) => tf.stridedSlice(m, [0, 1], [3, 4], [2, 2]),
  Sum: ({ m }) => tf.sum(m, 0, true),
  TensorScatterUpdate: ({ v, w }) =>
    tf.tensorScatterUpdate(v, tf.tensor2d([[1], [3]], [2, 1], 'int32'), tf.slice(w, 0, 2)),
  Tile: ({ m }) => tf.tile(m, [2, 1]),
  TopK: ({ m }) => ({ ...tf.topk(m, 2) }),
  Transpose: ({ image }) => tf.transpose(image, [0, 3, 1, 2]),
  Unique: ({ v }) => tf.unique(v).values,
  Unpack: ({ m }) => tf.unstack(m),
  UnsortedSegmentSum: ({ v, i }) => tf.unsortedSegmentSum(v, i, 4),
  _FusedMatMul: ({ m, n, v }) =>
    tf.fused.matMul({ a: m, b: n, bias: tf.slice(v, 0, 3), activation: 'relu' }),
};
