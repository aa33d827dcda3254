import * as tf from '@tensorflow/tfjs-core';

interface TensorsByRank {
  0: tf.Scalar;
  1: tf.Tensor1D;
  2: tf.Tensor2D;
  3: tf.Tensor3D;
  4: tf.Tensor4D;
  5: tf.Tensor5D;
}

export const dtypes = ['float32', 'int32', 'bool', 'complex64', 'string'] as const;

/** Finite floats on both sides of what rounds, clips and saturates; none at which a function jumps by rounding. */
const floats = [0.5, -1.5, 2.5, 0, -0.25, 3.75, -7, 12.125, 1, -1, 1e-3, 90];
/** Whole numbers; those above 2 ** 24 are none of float32's, and no product of two loses a bit in a double. */
const integers = [7, -8, 16777217, 0, -16777219, 3, 33554435, -1, 1, 20, -5, 2];
const strings = ['b', 'a', '', 'ab', 'ä', 'b', 'c', 'a', 'aa', 'z', '0', 'b'];

/** The same values of a type on every backend; another `seed`, other values. */
export function sample<const S extends readonly number[] & { length: keyof TensorsByRank }>(
  dtype: tf.DataType,
  shape: S,
  seed = 0,
): TensorsByRank[S['length']] {
  const take = <T>(values: readonly T[], step = 1) =>
    Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => values[(i * step + seed * 5) % values.length]!);
  const dims = [...shape];
  const numbers = (values: readonly number[], step = 1) => tf.tensor(take(values, step), dims, 'float32');
  const tensor =
    dtype === 'string'
      ? tf.tensor(take(strings), dims, 'string')
      : dtype === 'complex64'
        ? tf.complex(numbers(floats), numbers(floats, 5))
        : dtype === 'bool'
          ? tf.tensor(take([true, false, false, true, true]), dims, 'bool')
          : dtype === 'int32'
            ? tf.tensor(take(integers), dims, 'int32')
            : numbers(floats);
  return tensor as tf.Tensor as TensorsByRank[S['length']];
}

/** A sample whose whole numbers float32 has too. */
export function small<const S extends readonly number[] & { length: keyof TensorsByRank }>(
  dtype: tf.DataType,
  shape: S,
  seed = 0,
): TensorsByRank[S['length']] {
  const x = sample(dtype, shape, seed);
  return dtype === 'int32' ? tf.mod(x, tf.scalar(10, 'int32')) : x;
}
