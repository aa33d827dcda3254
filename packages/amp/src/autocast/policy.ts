/** How `autocast` runs one of TensorFlow's ops. */
export interface Rule {
  /**
   * `low`: always in low precision. `follow`: in low precision where the input `leader` is, or, without a leader, where
   * all operands are; mixed operands are promoted to float32.
   */
  readonly runs: 'low' | 'follow';
  /** The inputs that share the op's type T, by position; others, such as shapes and scales, keep their own. */
  readonly operands: 'all' | 'all but the last' | readonly number[];
  readonly leader?: number;
  /** Where `master` is true the result is cast to float32 at once. */
  readonly master?: true;
  readonly why: string;
}

const anyDtype = 'moves elements without computing: exact in every type';
const memoryBound =
  'is bound by memory: half the bytes are half the time, and one rounding an element is harmless';

/**
 * What `autocast` does with each op of TensorFlow that tfjs's kernels run.
 *
 * An op that is not listed runs in float32, its low-precision inputs cast up for it alone. That is on purpose for
 *
 * - Softmax, LogSoftmax, SoftmaxCrossEntropyWithLogits, Log, Exp, Pow, Square, Sqrt, RealDiv: they leave float16's range
 *   or lose its few digits (exp(12) is Infinity in float16), and are small in a classifier;
 * - Sum, Mean, Prod, Max, cumulative sums: a sum in 8 or 11 bits of mantissa stops growing after some hundreds or thousands of terms. So
 *   does the global average pool's Mean over height and width: its input is the smallest activation of the network, and
 *   its output the only thing that the classifier sees;
 * - whatever touches master weights, the optimiser's state or running statistics: those are float32, and an operand of
 *   float32 promotes the ops below;
 * - whatever nobody looked at: slow is better than wrong.
 */
export const policy: Readonly<Record<string, Rule>> = {
  Conv2D: {
    runs: 'low',
    operands: [0, 1],
    why: 'is what the hardware multiplies fast in low precision, accumulating in float32',
  },
  Conv2DBackpropInput: { runs: 'low', operands: [1, 2], why: 'is a convolution' },
  Conv2DBackpropFilter: {
    runs: 'low',
    operands: [0, 2],
    master: true,
    why: 'is a convolution; its result is the gradient of a master weight, which the optimiser takes in float32',
  },
  BatchMatMulV2: {
    runs: 'low',
    operands: [0, 1],
    why: 'is what the hardware multiplies fast in low precision, accumulating in float32',
  },
  MatMul: {
    runs: 'low',
    operands: [0, 1],
    master: true,
    why: 'is the gradient of a 1x1 convolution with respect to its filter, a master weight; all other products are BatchMatMulV2',
  },

  FusedBatchNormV3: {
    runs: 'follow',
    operands: [0],
    why: 'reads and writes activations of type T, but has scale, offset and statistics of type U = float32, and computes in it',
  },
  FusedBatchNorm: {
    runs: 'follow',
    operands: [0],
    why: 'knows float32 alone: runs as FusedBatchNormV3, which tells T from U',
  },
  FusedBatchNormGradV3: {
    runs: 'follow',
    operands: [0, 1],
    leader: 1,
    why: 'takes dy in the type of the activation that the forward pass kept; gradients of scale and offset are float32',
  },

  Relu: { runs: 'follow', operands: [0], why: memoryBound },
  Relu6: { runs: 'follow', operands: [0], why: memoryBound },
  LeakyRelu: { runs: 'follow', operands: [0], why: memoryBound },
  ReluGrad: {
    runs: 'follow',
    operands: [0, 1],
    leader: 1,
    why: 'takes dy in the type of the activation that the forward pass kept, or a float32 copy of that would be made',
  },
  MaxPool: { runs: 'follow', operands: [0], why: 'picks elements: exact in every type' },
  MaxPoolGrad: {
    runs: 'follow',
    operands: [0, 1, 2],
    leader: 0,
    why: 'takes dy in the type of the activations that the forward pass kept',
  },
  AvgPool: { runs: 'follow', operands: [0], why: 'averages a few elements: a window, not a map' },
  AvgPoolGrad: { runs: 'follow', operands: [1], why: 'spreads each element over its window' },

  Add: { runs: 'follow', operands: [0, 1], why: `the residual sum ${memoryBound}` },
  AddV2: { runs: 'follow', operands: [0, 1], why: `the residual sum ${memoryBound}` },
  AddN: { runs: 'follow', operands: 'all', why: memoryBound },
  Sub: { runs: 'follow', operands: [0, 1], why: memoryBound },
  Mul: { runs: 'follow', operands: [0, 1], why: memoryBound },
  Maximum: { runs: 'follow', operands: [0, 1], why: 'picks elements: exact in every type' },
  Minimum: { runs: 'follow', operands: [0, 1], why: 'picks elements: exact in every type' },
  Neg: { runs: 'follow', operands: [0], why: 'changes signs: exact in every type' },
  Greater: { runs: 'follow', operands: [0, 1], why: 'compares: exact in every type' },
  GreaterEqual: { runs: 'follow', operands: [0, 1], why: 'compares: exact in every type' },
  Less: { runs: 'follow', operands: [0, 1], why: 'compares: exact in every type' },
  LessEqual: { runs: 'follow', operands: [0, 1], why: 'compares: exact in every type' },
  Select: { runs: 'follow', operands: [1, 2], why: 'picks elements: exact in every type' },

  Reshape: { runs: 'follow', operands: [0], why: anyDtype },
  ExpandDims: { runs: 'follow', operands: [0], why: anyDtype },
  Transpose: { runs: 'follow', operands: [0], why: anyDtype },
  PadV2: { runs: 'follow', operands: [0, 2], leader: 0, why: anyDtype },
  MirrorPad: { runs: 'follow', operands: [0], why: anyDtype },
  ConcatV2: { runs: 'follow', operands: 'all but the last', why: anyDtype },
  Pack: { runs: 'follow', operands: 'all', why: anyDtype },
  Unpack: { runs: 'follow', operands: [0], why: anyDtype },
  Slice: { runs: 'follow', operands: [0], why: anyDtype },
  StridedSlice: { runs: 'follow', operands: [0], why: anyDtype },
  Tile: { runs: 'follow', operands: [0], why: anyDtype },
};
