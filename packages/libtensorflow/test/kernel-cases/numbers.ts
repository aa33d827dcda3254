import * as tf from '@tensorflow/tfjs-core';
import type { KernelCases } from './case.ts';
import { sample, small } from './sample.ts';

/** Sums of products, sequences and complex numbers. */
export const numberCases: KernelCases = {
  AddN: {
    'three matrices': (d) =>
      tf.addN([sample(d, [2, 3]), sample(d, [2, 3], 1), sample(d, [2, 3], 2)]),
    one: (d) => tf.addN([sample(d, [2, 3])]),
  },
  BatchMatMul: {
    'two matrices': (d) => tf.matMul(sample(d, [2, 3]), sample(d, [3, 4], 1)),
    transposed: (d) => tf.matMul(sample(d, [3, 2]), sample(d, [4, 3], 1), true, true),
    batches: (d) => tf.matMul(sample(d, [2, 2, 3]), sample(d, [1, 3, 2], 1)),
    'of small numbers': (d) => tf.matMul(small(d, [2, 3]), small(d, [3, 4], 1)),
    nothing: (d) => tf.matMul(sample(d, [2, 0]), sample(d, [0, 3])),
  },
  Bincount: {
    counts: (d) => tf.bincount(tf.tensor1d([1, 2, 2, 7], 'int32'), sample(d, [0]), 4),
    weights: (d) => tf.bincount(tf.tensor1d([1, 2, 2, 7], 'int32'), sample(d, [4]), 4),
  },
  Complex: { 'two floats': (d) => tf.complex(sample(d, [3, 4]), sample(d, [3, 4], 1)) },
  ComplexAbs: { 'complex numbers': () => tf.abs(sample('complex64', [3, 4])) },
  Einsum: {
    'a matrix product': (d) => tf.einsum('ij,jk->ik', sample(d, [2, 3]), sample(d, [3, 4], 1)),
    'an outer product': (d) => tf.einsum('i,j->ij', sample(d, [2]), sample(d, [3], 1)),
    'a sum': (d) => tf.einsum('ij->i', sample(d, [2, 3])),
  },
  FFT: {
    'complex numbers': () => tf.fft(sample('complex64', [2, 5])),
    'a power of two': () => tf.fft(sample('complex64', [8])),
  },
  IFFT: { 'complex numbers': () => tf.ifft(sample('complex64', [2, 5])) },
  Imag: { 'of the type': (d) => tf.imag(sample(d, [3, 4])) },
  LinSpace: {
    upwards: () => tf.linspace(-1, 2.5, 8),
    'one number': () => tf.linspace(3, 5, 1),
    downwards: () => tf.linspace(5, -5, 3),
  },
  Range: {
    'of the type': (d) => tf.range(0, 10, 3, d as 'int32'),
    downwards: (d) => tf.range(5, -2, -2, d as 'int32'),
    'downwards without a step': (d) => tf.range(5, 0, undefined, d as 'int32'),
    nothing: (d) => tf.range(3, 3, 1, d as 'int32'),
    'the wrong way': (d) => tf.range(0, 5, -1, d as 'int32'),
    'above 2 ** 24': () => tf.range(16777217, 16777220, 1, 'int32'),
    fractions: () => tf.range(0, 1, 0.25),
  },
  Real: { 'of the type': (d) => tf.real(sample(d, [3, 4])) },
  Softmax: {
    rows: (d) => tf.softmax(sample(d, [3, 4])),
    one: (d) => tf.softmax(sample(d, [3, 1])),
  },
  StaticRegexReplace: {
    first: () => tf.string.staticRegexReplace(sample('string', [6]), 'a', '<&>', false),
    all: () => tf.string.staticRegexReplace(tf.tensor1d(['banana', 'ä']), 'a', 'o', true),
  },
  _FusedMatMul: {
    'bias and relu': (d) =>
      tf.fused.matMul({
        a: sample(d, [2, 3]),
        b: sample(d, [3, 4], 1),
        bias: sample(d, [4], 2),
        activation: 'relu',
      }),
    prelu: () =>
      tf.fused.matMul({
        a: sample('float32', [2, 3]),
        b: sample('float32', [3, 4], 1),
        activation: 'prelu',
        preluActivationWeights: sample('float32', [4], 1),
      }),
  },
};
