import * as tf from '@tensorflow/tfjs-core';
import type { KernelCases } from './case.ts';
import { distinct, sample, small } from './sample.ts';

const whole = (values: number[]) => tf.tensor1d(values, 'int32');
const pairs = (values: number[]) => tf.tensor2d(values, [values.length / 2, 2], 'int32');
const words = (values: string[]) => tf.tensor1d(values, 'string');

/** Searching, sparse and ragged tensors, strings: what tfjs-node has no kernels for. */
export const searchCases: KernelCases = {
  BitwiseAnd: {
    matrices: (d) => tf.bitwiseAnd(sample(d, [3, 4]), sample(d, [3, 4], 1)),
  },
  DenseBincount: {
    counts: (d) => tf.denseBincount(whole([1, 2, 2, 7]), sample(d, [0]), 4),
    weights: (d) => tf.denseBincount(whole([1, 2, 2, 7]), sample(d, [4]), 4),
    'which are there': () =>
      tf.denseBincount(pairs([1, 2, 2, 2]), tf.tensor2d([], [0, 2]), 4, true),
  },
  MaxPoolWithArgmax: {
    same: () => Object.values(tf.maxPoolWithArgmax(distinct([2, 3, 4, 2]), 2, 2, 'same')),
    'over the batch': () =>
      Object.values(tf.maxPoolWithArgmax(distinct([2, 3, 4, 2]), 2, 1, 'valid', true)),
    'of the type': (d) =>
      tf.maxPoolWithArgmax(sample(d, [1, 2, 2, 1]), 2, 2, 'valid').result as tf.Tensor,
  },
  RaggedGather: {
    rows: (d) => {
      const splits = [whole([0, 2, 2, 5])];
      const { outputNestedSplits, outputDenseValues } = tf.raggedGather(
        splits,
        sample(d, [5]),
        whole([2, 0]),
        1,
      );
      return [...outputNestedSplits, outputDenseValues];
    },
  },
  RaggedRange: {
    'whole numbers': () =>
      Object.values(tf.raggedRange(whole([0, 5, 8]), whole([8, 7, 5]), whole([2, 1, -1]))),
    floats: () => Object.values(tf.raggedRange(tf.tensor1d([0, 5]), tf.scalar(7), tf.scalar(1.5))),
  },
  RaggedTensorToTensor: {
    rows: (d) =>
      tf.raggedTensorToTensor(
        whole([4, 3]),
        sample(d, [5]),
        sample(d, [], 1),
        [whole([4]), whole([0, 0, 2, 3, 3])],
        ['FIRST_DIM_SIZE', 'VALUE_ROWIDS'],
      ),
  },
  SearchSorted: {
    'the first place': (d) => tf.lowerBound(ascending(d), small(d, [2, 3])),
    'the last place': (d) => tf.upperBound(ascending(d), small(d, [2, 3])),
  },
  SparseFillEmptyRows: {
    'rows of the type': (d) =>
      Object.values(
        tf.sparse.sparseFillEmptyRows(
          pairs([0, 0, 1, 0, 3, 2]),
          sample(d, [3]) as tf.Tensor1D,
          whole([5, 6]),
          sample(d, [], 1),
        ),
      ),
  },
  SparseReshape: {
    'an open size': () =>
      Object.values(tf.sparse.sparseReshape(pairs([0, 1, 2, 3]), whole([3, 4]), whole([-1, 6]))),
  },
  SparseSegmentMean: {
    rows: (d) => tf.sparse.sparseSegmentMean(sample(d, [3, 4]), whole([0, 2, 1]), whole([0, 0, 2])),
  },
  SparseSegmentSum: {
    rows: (d) => tf.sparse.sparseSegmentSum(sample(d, [3, 4]), whole([0, 2, 1]), whole([0, 0, 2])),
  },
  StringNGrams: {
    'pairs and threes': () =>
      Object.values(
        tf.string.stringNGrams(
          words(['a', 'b', 'ä', 'd', 'e']),
          whole([0, 3, 5]),
          '|',
          [2, 3],
          'L',
          'R',
          -1,
          false,
        ),
      ),
  },
  StringSplit: {
    words: () => Object.values(tf.string.stringSplit(words(['a bä', ' c', '']), ' ')),
    'empty ones too': () => Object.values(tf.string.stringSplit(words([',a,,b']), ',', false)),
  },
  StringToHashBucketFast: {
    words: () => tf.string.stringToHashBucketFast(words(['a', 'b', 'ä', '']), 1000),
  },
  Transform: {
    nearest: (d) =>
      tf.image.transform(
        sample(d, [1, 4, 4, 2]),
        tf.tensor2d([[0, 1, 0, 1, 0, 0, 0, 0]]),
        'nearest',
        'reflect',
      ),
    bilinear: (d) =>
      tf.image.transform(
        sample(d, [1, 4, 4, 2]),
        tf.tensor2d([[1, 0.25, 0.5, 0, 1, -0.5, 0, 0]]),
        'bilinear',
        'constant',
        -1.5,
        [3, 5],
      ),
  },
};

/** Two ascending rows. */
function ascending(d: tf.DataType): tf.Tensor2D {
  return tf.cast(
    tf.tensor2d([
      [-8, -1, 0, 3],
      [-7, -7, 1, 90],
    ]),
    d,
  );
}
