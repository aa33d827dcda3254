import { knownValues } from './known-values.ts';
import type { Kind } from './sample.ts';

/**
 * What is expected where the cpu backend is no reference:
 * - `in floats`: what it gives for the same numbers in float32;
 * - `by parts`: what it gives for the real and for the imaginary part, as the op is linear;
 * - `on the real line`: what it gives for the real parts, wherever that is finite;
 * - a pattern: our error;
 * - numbers: all values of the result, by case;
 * - `nothing`: no value is promised.
 */
type Expected =
  | 'in floats'
  | 'by parts'
  | 'on the real line'
  | 'nothing'
  | RegExp
  | Readonly<Record<string, readonly number[]>>;

export interface Difference {
  readonly reason: string;
  readonly kernels: readonly string[];
  readonly kinds: readonly Kind[];
  /** Default: those that `expected` names, or all. */
  readonly cases?: readonly string[];
  readonly expected: Expected;
}

const wholeOrTrue = ['int32', 'bool'] as const;
const complex = ['complex64'] as const;
const byZero = ['two matrices', 'a vector along a matrix', 'a scalar and a matrix', 'with bool'];
const withFloats = ['with float32', 'float32 and it'];
const ends = ['the ends of the type'];

export const differences: readonly Difference[] = [
  ...knownValues,
  {
    reason:
      "tfjs's own tests want float32 of exp and leakyRelu for int32; the cpu backend cuts these to whole numbers",
    kernels: [
      ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atan2', 'Atanh', 'Expm1', 'Log1p'],
      ...['Reciprocal', 'Selu', 'Sinh', 'Softplus', 'LRN', 'FusedBatchNorm', 'Conv3D'],
    ],
    kinds: wholeOrTrue,
    expected: 'in floats',
  },
  {
    reason: 'a quotient or a mean of truth values is none, nor is a sum with a filter',
    kernels: ['RealDiv', 'Dilation2D', 'SparseSegmentMean'],
    kinds: ['bool'],
    expected: 'in floats',
  },
  {
    reason: 'a sum of truth values is their count, as in tf.sum',
    kernels: ['Bincount', 'DenseBincount', 'Einsum', 'SparseSegmentSum', 'UnsortedSegmentSum'],
    kinds: ['bool'],
    expected: 'in floats',
  },
  {
    reason: 'TensorFlow: whole numbers have no quotient by 0; the cpu backend writes 0',
    kernels: ['FloorDiv', 'Mod', 'RealDiv'],
    kinds: wholeOrTrue,
    cases: [...byZero, 'bool and it', ...ends],
    expected: /Integer division by zero/,
  },
  {
    reason: 'TensorFlow: whole numbers have no negative powers; the cpu backend writes 0',
    kernels: ['Pow'],
    kinds: ['int32'],
    cases: [...byZero, 'bool and it', ...ends],
    expected: /Integers to negative integer powers/,
  },
  {
    reason: 'TensorFlow: the floor of a quotient of floats may be larger than int32, or infinite',
    kernels: ['FloorDiv'],
    kinds: ['float32'],
    cases: ['a vector along a matrix', 'empty tensors', ...withFloats, 'bool and it'],
    expected: 'in floats',
  },
  {
    reason: 'TensorFlow: the floor of a quotient of a whole number and a float is a float',
    kernels: ['FloorDiv'],
    kinds: ['int32'],
    cases: withFloats,
    expected: 'in floats',
  },
  {
    reason: 'no truth value is the least or the greatest of nothing',
    kernels: ['Max', 'Min'],
    kinds: ['bool'],
    cases: ['an empty axis'],
    expected: 'nothing',
  },
  {
    reason: 'TensorFlow sorts NaN first, the cpu backend last; tfjs promises neither',
    kernels: ['TopK'],
    kinds: ['float32'],
    cases: ['ends'],
    expected: 'nothing',
  },
  {
    reason: 'int32 has no NaN, no infinity and no 3e37: what comes out depends on the CPU',
    kernels: ['Cast'],
    kinds: ['float32'],
    cases: ['the ends of the type to int32'],
    expected: 'nothing',
  },
  {
    reason: 'the cpu backend divides by the whole window where it overlaps the edge',
    kernels: ['AvgPoolGrad', 'AvgPool3DGrad'],
    kinds: ['float32'],
    cases: ['same'],
    expected: 'nothing',
  },
  {
    reason: 'scores that are truth values are all equal',
    kernels: ['NonMaxSuppressionV5'],
    kinds: ['bool'],
    cases: ['with scores'],
    expected: 'nothing',
  },
  {
    reason: 'a range of truth values is none; TensorFlow refuses it',
    kernels: ['Range'],
    kinds: ['bool'],
    expected: /Value for attr 'Tidx' of bool/,
  },
  {
    reason: 'complex numbers, for which the cpu backend has no kernel, or one without broadcasting',
    kernels: [
      ...['AddN', 'Cumsum', 'Diag', 'GatherNd', 'GatherV2', 'MirrorPad', 'Neg'],
      ...['Reverse', 'ScatterNd', 'Select', 'Slice', 'SparseToDense', 'SplitV', 'StridedSlice'],
      ...['Sum', 'TensorScatterUpdate', 'Tile', 'Unpack', 'UnsortedSegmentSum'],
    ],
    kinds: complex,
    expected: 'by parts',
  },
  {
    reason: 'complex numbers, for which the cpu backend has no kernel, in a sum',
    kernels: ['Einsum'],
    kinds: complex,
    cases: ['a sum'],
    expected: 'by parts',
  },
  {
    reason: 'the cpu backend has no sparse or ragged complex numbers',
    kernels: ['RaggedGather', 'RaggedTensorToTensor', 'SparseFillEmptyRows'],
    kinds: complex,
    expected: 'nothing',
  },
  {
    reason: 'complex numbers of complex numbers are none',
    kernels: ['Complex'],
    kinds: complex,
    expected: /Value for attr 'T' of complex64/,
  },
  {
    reason: 'a range of complex numbers is none, but for an empty one',
    kernels: ['Range'],
    kinds: complex,
    cases: ['nothing', 'the wrong way'],
    expected: 'nothing',
  },
  {
    reason:
      'complex numbers in functions that are not linear, for which the cpu backend has no kernel, or one without broadcasting',
    kernels: [
      ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Exp', 'Expm1', 'Log1p', 'Pow'],
      ...['Add', 'Equal', 'Multiply', 'NotEqual', 'RealDiv', 'SquaredDifference', 'Sub'],
      ...['BatchMatMul', 'Cumprod', 'Einsum', 'Prod', 'Reciprocal', 'Sign', 'Sinh', 'Square'],
    ],
    kinds: complex,
    expected: 'on the real line',
  },
];
