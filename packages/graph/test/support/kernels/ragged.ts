import * as tf from '@tensorflow/tfjs-core';
import type { KernelExamples } from './inputs.ts';

const words = () => tf.tensor1d(['ab', 'b', 'a b']);
const segments = () => tf.tensor1d([0, 0, 1, 1], 'int32');
/** The coordinates of the diagonal of a matrix of 4 by 4. */
const diagonal = () => tf.tensor2d([0, 0, 1, 1, 2, 2, 3, 3], [4, 2], 'int32');

/** Kernels of sparse and ragged tensors and of strings. */
export const raggedKernels: KernelExamples = {
  RaggedGather: ({ v, i }) =>
    tf.raggedGather([tf.tensor1d([0, 1, 1, 3, 4], 'int32')], v, i, 1).outputDenseValues!,
  RaggedRange: ({ v }) =>
    tf.raggedRange(tf.zerosLike(v), tf.add(tf.abs(v), 1), tf.fill([4], 0.5)).rtDenseValues!,
  RaggedTensorToTensor: ({ v }) =>
    tf.raggedTensorToTensor(
      tf.tensor1d([2, 3], 'int32'),
      v,
      tf.scalar(9),
      [tf.tensor1d([0, 1, 4], 'int32')],
      ['ROW_SPLITS'],
    ),
  SparseFillEmptyRows: ({ v }) =>
    tf.sparse.sparseFillEmptyRows(diagonal(), v, [6, 4], tf.scalar(9)).outputValues!,
  SparseReshape: () => ({ ...tf.sparse.sparseReshape(diagonal(), [4, 4], [2, 8]) }),
  SparseSegmentMean: ({ m, i }) =>
    tf.sparse.sparseSegmentMean(m, tf.minimum(i, tf.scalar(2, 'int32')), segments()),
  SparseSegmentSum: ({ m, i }) =>
    tf.sparse.sparseSegmentSum(m, tf.minimum(i, tf.scalar(2, 'int32')), segments()),
  StringNGrams: () =>
    tf.string.stringNGrams(words(), tf.tensor1d([0, 3], 'int32'), '|', [2], '', '', 0, false)
      .nGramsSplits!,
  StringSplit: () => tf.string.stringSplit(words(), ' ').indices!,
  StringToHashBucketFast: () => tf.string.stringToHashBucketFast(words(), 10),
};
