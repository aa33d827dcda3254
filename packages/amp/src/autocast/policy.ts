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
  /** Why, where the device does not compute the type itself, it runs in float32 on operands of the type; then its result is rounded. */
  readonly emulated?: string;
  readonly why: string;
}

const anyDtype = 'moves elements without computing: exact in every type';
const memoryBound =
  'is bound by memory: half the bytes are half the time, and one rounding an element is harmless';

/*
 * Why ops are emulated where the device does not compute the type itself: what TensorFlow's other kernels, Eigen's, do then.
 * Errors are to float32 on the same operands (2-norm; one rounding is 1.7e-3 in bfloat16 and 2.1e-4 in float16), at 64 channels of
 * 14 x 14 pixels, batch 8, TensorFlow 2.21, the same on qemu's Haswell and on an Intel Xeon with oneDNN off; times are of the
 * latter, over those of float32 with its casts by oneDNN. All other ops here move, pick, or round once: exact in every type.
 * Whether a device is such a one is not in the table: `probe` finds it out.
 */
const unused =
  "Eigen's is right, but belongs to gradients that are not: a device has kernels for all three or for none";
const sumsInput = "Eigen's adds in the type: error 1.0e-2 in bfloat16, 27 times the time";
const sumsFilter =
  "Eigen's adds in the type: error 2.0e-2 in bfloat16, 3 times the time; oneDNN's takes 100 times in float16";
const sumsProducts = "Eigen's rounds twice: error 3.3e-3 in bfloat16";
const sumsWindow =
  "Eigen's adds in the type: error 1.7e-2 in bfloat16 over 14 x 14 pixels; the gradient takes 5 times the time where windows overlap";
const noFaster =
  "Eigen's is right, but no faster; and oneDNN's fails where it knows of a smaller CPU than TensorFlow does (ONEDNN_MAX_CPU_ISA)";

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
    emulated: unused,
    why: 'is what the hardware multiplies fast in low precision, accumulating in float32',
  },
  Conv2DBackpropInput: {
    runs: 'low',
    operands: [1, 2],
    emulated: sumsInput,
    why: 'is a convolution',
  },
  Conv2DBackpropFilter: {
    runs: 'low',
    operands: [0, 2],
    master: true,
    emulated: sumsFilter,
    why: 'is a convolution; its result is the gradient of a master weight, which the optimiser takes in float32',
  },
  BatchMatMulV2: {
    runs: 'low',
    operands: [0, 1],
    emulated: sumsProducts,
    why: 'is what the hardware multiplies fast in low precision, accumulating in float32',
  },
  MatMul: {
    runs: 'low',
    operands: [0, 1],
    master: true,
    emulated: sumsProducts,
    why: 'is the gradient of a 1x1 convolution with respect to its filter, a master weight; all other products are BatchMatMulV2',
  },

  FusedBatchNormV3: {
    runs: 'follow',
    operands: [0],
    emulated: noFaster,
    why: 'reads and writes activations of type T, but has scale, offset and statistics of type U = float32, and computes in it',
  },
  FusedBatchNorm: {
    runs: 'follow',
    operands: [0],
    emulated: noFaster,
    why: 'knows float32 alone: runs as FusedBatchNormV3, which tells T from U',
  },
  FusedBatchNormGradV3: {
    runs: 'follow',
    operands: [0, 1],
    leader: 1,
    emulated: noFaster,
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
  Relu6Grad: {
    runs: 'follow',
    operands: [0, 1],
    leader: 1,
    why: 'takes dy in the type of the activation that the forward pass kept, as ReluGrad does',
  },
  MaxPool: {
    runs: 'follow',
    operands: [0],
    emulated: noFaster,
    why: 'picks elements: exact in every type',
  },
  MaxPoolGrad: {
    runs: 'follow',
    operands: [0, 1, 2],
    leader: 0,
    emulated: noFaster,
    why: 'takes dy in the type of the activations that the forward pass kept',
  },
  AvgPool: {
    runs: 'follow',
    operands: [0],
    emulated: sumsWindow,
    why: 'averages a few elements: a window, not a map',
  },
  AvgPoolGrad: {
    runs: 'follow',
    operands: [1],
    emulated: sumsWindow,
    why: 'spreads each element over its window',
  },

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
