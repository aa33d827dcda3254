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

/** A type, or how its values are seen by a computation that says what is expected of it. */
export type Kind =
  | tf.DataType
  | 'int32 in floats'
  | 'bool in floats'
  | 'real part'
  | 'imaginary part'
  | 'real line';

/** Finite floats on both sides of what rounds, clips and saturates; none at which a function jumps by rounding. */
const floats = [0.5, -1.5, 2.5, 0, -0.25, 3.75, -7, 12.125, 1, -1, 1e-3, 90];
/** Whole numbers; those above 2 ** 24 are none of float32's, and no product of two loses a bit in a double. */
const integers = [7, -8, 16777217, 0, -16777219, 3, 33554435, -1, 1, 20, -5, 2];
const truths = [1, 0, 0, 1, 1];
const strings = ['b', 'a', '', 'ab', 'ä', 'b', 'c', 'a', 'aa', 'z', '0', 'b'];
const ends = {
  float32: [Number.NaN, Infinity, -Infinity, -0, 0, 3e37, 1e-30, 0.5],
  int32: [2147483647, -2147483648, 0, 46341],
};

/** The same values of a type on every backend; another `seed`, other values. Made inside the computation, as it must leave them alive. */
export function sample<const S extends readonly number[] & { length: keyof TensorsByRank }>(
  kind: Kind,
  shape: S,
  seed = 0,
): TensorsByRank[S['length']] {
  return build(kind, [...shape], seed, integers) as TensorsByRank[S['length']];
}

/** A sample whose whole numbers float32 has too. */
export function small<const S extends readonly number[] & { length: keyof TensorsByRank }>(
  kind: Kind,
  shape: S,
  seed = 0,
): TensorsByRank[S['length']] {
  const few = integers.map((value) => value % 10);
  return build(kind, [...shape], seed, few) as TensorsByRank[S['length']];
}

/** Values at the ends of a type; for types without, an ordinary sample. */
export function special(kind: Kind): tf.Tensor1D {
  if (kind === 'float32') return watched(tf.tensor1d(ends.float32));
  const dtype = kind === 'int32' ? 'int32' : 'float32';
  return kind.startsWith('int32') ? watched(tf.tensor1d(ends.int32, dtype)) : sample(kind, [5], 1);
}

/** The samples made since this was emptied. */
export const made: tf.Tensor[] = [];

function watched<T extends tf.Tensor>(tensor: T): T {
  made.push(tensor);
  return tensor;
}

function build(kind: Kind, shape: number[], seed: number, whole: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const take = <T>(values: readonly T[], step = 1): T[] =>
    Array.from({ length: size }, (_, i) => values[(i * step + seed * 5) % values.length]!);
  const tensor = (values: number[] | string[], dtype: tf.DataType) =>
    watched(tf.tensor(values, shape, dtype));
  const [real, imaginary] = [take(floats), take(floats, 5)];
  switch (kind) {
    case 'string':
      return tensor(take(strings), 'string');
    case 'int32':
      return tensor(take(whole), 'int32');
    case 'int32 in floats':
      return tensor(take(whole), 'float32');
    case 'bool':
      return tensor(take(truths), 'bool');
    case 'bool in floats':
      return tensor(take(truths), 'float32');
    case 'complex64':
      return watched(tf.complex(tensor(real, 'float32'), tensor(imaginary, 'float32')));
    case 'imaginary part':
      return tensor(imaginary, 'float32');
    case 'real line':
      return watched(tf.complex(tensor(real, 'float32'), tf.zeros(shape)));
    default:
      return tensor(real, 'float32');
  }
}

/** Floats of which no two are equal. */
export function distinct(shape: [number, number, number, number, number]): tf.Tensor5D;
export function distinct(shape: [number, number, number, number]): tf.Tensor4D;
export function distinct(shape: number[]): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Array.from({ length: size }, (_, i) => ((i * 7919) % 1009) / 100 - 5);
  return watched(tf.tensor(values, shape));
}
