import * as tf from '@tensorflow/tfjs-core';
import type { Computation, KernelCases } from './case.ts';
import { sample, special } from './sample.ts';

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

function reduction(op: Reduction): Record<string, Computation> {
  return {
    'all of a tensor': (d) => op(sample(d, [2, 3, 2])),
    'its last axis': (d) => op(sample(d, [3, 4]), -1),
    'two axes, kept': (d) => op(sample(d, [2, 3, 2]), [0, 2], true),
    'a scalar': (d) => op(sample(d, [])),
    'an empty axis': (d) => op(sample(d, [3, 0]), 1),
    'an empty result': (d) => op(sample(d, [0, 3]), 1),
    'the ends of the type': (d) => op(special(d)),
  };
}

function alongAxis(op: (x: tf.Tensor, axis: number) => tf.Tensor): Record<string, Computation> {
  return {
    'the last axis': (d) => op(sample(d, [3, 4]), 1),
    'the first axis': (d) => op(sample(d, [3, 4]), 0),
    'an empty result': (d) => op(sample(d, [0, 3]), 1),
    'the ends of the type': (d) => op(special(d), 0),
  };
}

const twice = (d: tf.DataType) => tf.tile(sample(d, [3, 4]), [1, 2]);

export const reductionCases: KernelCases = {
  All: reduction(tf.all),
  Any: reduction(tf.any),
  ArgMax: { ...alongAxis(tf.argMax), ties: (d) => tf.argMax(twice(d), 1) },
  ArgMin: { ...alongAxis(tf.argMin), ties: (d) => tf.argMin(twice(d), 1) },
  Cumprod: {
    ...alongAxis(tf.cumprod),
    'exclusive and reversed': (d) => tf.cumprod(sample(d, [3, 4]), 1, true, true),
  },
  Cumsum: {
    ...alongAxis(tf.cumsum),
    'exclusive and reversed': (d) => tf.cumsum(sample(d, [3, 4]), 1, true, true),
  },
  Max: reduction(tf.max),
  Mean: reduction(tf.mean),
  Min: reduction(tf.min),
  Prod: reduction(tf.prod),
  Sum: reduction(tf.sum),
};
