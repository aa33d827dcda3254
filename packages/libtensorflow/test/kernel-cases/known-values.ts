import type { Difference } from './differences.ts';

/** Results that the cpu backend gets wrong, or that tfjs and TensorFlow see otherwise, worked out by hand. */
export const knownValues: readonly Difference[] = [
  {
    reason: 'TensorFlow: the floor of a quotient of floats may be infinite',
    kernels: ['FloorDiv'],
    kinds: ['bool'],
    expected: {
      'with float32': [0, 0, 0, 1, 0, -1, 0, 0, 0, -1, 0, 0],
      'float32 and it': [
        ...[0, -Infinity, Infinity, 0, -1, Infinity],
        ...[-Infinity, 12, 1, -Infinity, Infinity, 90],
      ],
    },
  },
  {
    reason:
      'TensorFlow: the floor of a quotient of floats may be infinite; in the int32 of the cpu backend that is 0',
    kernels: ['FloorDiv'],
    kinds: ['float32'],
    expected: {
      'two matrices': [0, 0, 0, 0, 0, 3749, -1, 24, -1, -1, Infinity, -360],
      'a scalar and a matrix': [0, -1, 0, 0, -1, 1, 0, 0, -1, 0, Infinity, -1],
      'with bool': [
        ...[0, -Infinity, Infinity, 0, -1, Infinity],
        ...[-Infinity, 12, 1, -Infinity, Infinity, 90],
      ],
      'the ends of the type': [
        Number.NaN,
        Infinity,
        -Infinity,
        Number.NaN,
        Number.NaN,
        0,
        0,
        Number.NaN,
      ],
    },
  },
  {
    reason: 'as in Python, a positive number modulo -Infinity is -Infinity',
    kernels: ['Mod'],
    kinds: ['float32'],
    expected: {
      'the ends of the type': [
        ...[Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
        ...[-Infinity, Math.fround(1e-30), Number.NaN],
      ],
    },
  },
  {
    reason: 'the cpu backend computes in float32, which lacks these whole numbers',
    kernels: ['Abs'],
    kinds: ['int32'],
    expected: {
      'a matrix': [7, 8, 16777217, 0, 16777219, 3, 33554435, 1, 1, 20, 5, 2],
      'the ends of the type': [2147483647, -2147483648, 0, 46341],
    },
  },
  {
    reason: 'the cpu backend squares in float32; modulo 2 ** 32 it is this',
    kernels: ['Square'],
    kinds: ['int32'],
    expected: {
      'a matrix': [49, 64, 33554433, 0, 100663305, 9, 201326601, 1, 1, 400, 25, 4],
      'the ends of the type': [1, 0, 0, -2147479015],
    },
  },
  {
    reason: 'the cpu backend squares in float32, which lacks these whole numbers',
    kernels: ['SquaredDifference'],
    kinds: ['int32'],
    expected: { 'the ends of the type': [-2147386332, 0, 0, -2147386332] },
  },
  {
    reason: 'the cpu backend writes float32, which lacks this whole number',
    kernels: ['OneHot'],
    kinds: ['int32'],
    expected: { 'large numbers': [16777217, -3, -3, -3, -3, 16777217] },
  },
  {
    reason: 'what is not 0 is true; the cpu backend takes the number modulo 256',
    kernels: ['OneHot'],
    kinds: ['bool'],
    expected: { 'large numbers': [1, 1, 1, 1, 1, 1] },
  },
  {
    reason: 'the cpu backend resizes in float32, which lacks these whole numbers',
    kernels: ['ResizeNearestNeighbor'],
    kinds: ['int32'],
    expected: {
      larger: [
        ...[7, -8, 7, -8, 16777217, 0, 16777217, 0, -16777219, 3, 7, -8, 7, -8, 16777217, 0],
        ...[16777217, 0, -16777219, 3, 33554435, -1, 33554435, -1, 1, 20, 1, 20, -5, 2, 33554435],
        ...[-1, 33554435, -1, 1, 20, 1, 20, -5, 2],
      ],
      'smaller, corners aligned': [7, 16777217, 0, 7, 16777217, 0],
      'half-pixel centres': [
        ...[7, -8, 16777217, 0, 16777217, 0, -16777219, 3],
        ...[7, -8, 16777217, 0, 16777217, 0, -16777219, 3],
        ...[33554435, -1, 1, 20, 1, 20, -5, 2],
        ...[7, -8, 16777217, 0, 16777217, 0, -16777219, 3],
        ...[7, -8, 16777217, 0, 16777217, 0, -16777219, 3],
      ],
    },
  },
  {
    reason: "tfjs's own tests want the type of the terms; the cpu backend sums in float32",
    kernels: ['UnsortedSegmentSum'],
    kinds: ['int32'],
    expected: { rows: [-16777212, -5, 33554435, -1, 16777217, 0, 0, 0] },
  },
  {
    reason: 'TensorFlow and NumPy: all of nothing is true',
    kernels: ['All'],
    kinds: ['bool'],
    expected: { 'an empty axis': [1, 1, 1] },
  },
  {
    reason: 'TensorFlow: the largest of nothing is the least of the type',
    kernels: ['Max'],
    kinds: ['float32'],
    expected: { 'an empty axis': [-Infinity, -Infinity, -Infinity] },
  },
  {
    reason: 'TensorFlow: the largest of nothing is the least of int32',
    kernels: ['Max'],
    kinds: ['int32'],
    expected: { 'an empty axis': [-2147483648, -2147483648, -2147483648] },
  },
  {
    reason: 'TensorFlow: the smallest of nothing is the greatest of the type',
    kernels: ['Min'],
    kinds: ['float32'],
    expected: { 'an empty axis': [Infinity, Infinity, Infinity] },
  },
  {
    reason: 'TensorFlow: the smallest of nothing is the greatest of int32',
    kernels: ['Min'],
    kinds: ['int32'],
    expected: { 'an empty axis': [2147483647, 2147483647, 2147483647] },
  },
  {
    reason: 'TensorFlow and NumPy: nothing has no mean',
    kernels: ['Mean'],
    kinds: ['float32', 'int32', 'bool', 'complex64'],
    expected: { 'an empty axis': [Number.NaN, Number.NaN, Number.NaN] },
  },
  {
    reason: "tfjs's own tests want NaN ignored; the cpu backend does not where it comes first",
    kernels: ['ArgMax'],
    kinds: ['float32'],
    expected: { 'the ends of the type': [1] },
  },
  {
    reason: "tfjs's own tests want NaN ignored by argMin too",
    kernels: ['ArgMin'],
    kinds: ['float32'],
    expected: { 'the ends of the type': [2] },
  },
];
