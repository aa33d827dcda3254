import * as tf from '@tensorflow/tfjs-core';
import type { Computation, KernelCases } from './case.ts';
import { sample, small, special } from './sample.ts';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

function binary(op: Binary): Record<string, Computation> {
  return {
    'two matrices': (d) => op(sample(d, [3, 4]), sample(d, [3, 4], 1)),
    'a vector along a matrix': (d) => op(sample(d, [3, 4]), sample(d, [4], 1)),
    'a scalar and a matrix': (d) => op(sample(d, [], 2), sample(d, [3, 4], 1)),
    'empty tensors': (d) => op(sample(d, [0, 3]), sample(d, [3], 1)),
    'with float32': (d) => op(small(d, [3, 4]), sample('float32', [4], 1)),
    'float32 and it': (d) => op(sample('float32', [3, 4]), small(d, [4], 1)),
    'with bool': (d) => op(sample(d, [3, 4]), sample('bool', [4], 1)),
    'bool and it': (d) => op(sample('bool', [3, 4]), sample(d, [4], 1)),
    'the ends of the type': (d) => op(special(d), tf.reverse(special(d))),
  };
}

export const binaryCases: KernelCases = {
  Add: binary(tf.add),
  Atan2: binary(tf.atan2),
  Equal: binary(tf.equal),
  FloorDiv: binary(tf.floorDiv),
  Greater: binary(tf.greater),
  GreaterEqual: binary(tf.greaterEqual),
  Less: binary(tf.less),
  LessEqual: binary(tf.lessEqual),
  LogicalAnd: binary(tf.logicalAnd),
  LogicalOr: binary(tf.logicalOr),
  Maximum: binary(tf.maximum),
  Minimum: binary(tf.minimum),
  Mod: binary(tf.mod),
  Multiply: binary(tf.mul),
  NotEqual: binary(tf.notEqual),
  Pow: binary(tf.pow),
  RealDiv: binary(tf.div),
  SquaredDifference: binary(tf.squaredDifference),
  Sub: binary(tf.sub),
};
