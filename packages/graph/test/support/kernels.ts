import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from './compare.ts';

/** What the examples compute with; all of them are inputs of the graph, so that nothing is folded away. */
export interface Examples extends Tensors {
  /** Four numbers from -1 to 1. */
  v: tf.Tensor1D;
  w: tf.Tensor1D;
  /** Four numbers from 1.1 to 2. */
  p: tf.Tensor1D;
  m: tf.Tensor2D;
  n: tf.Tensor2D;
  image: tf.Tensor4D;
  filter: tf.Tensor4D;
  volume: tf.Tensor5D;
  filter3d: tf.Tensor5D;
  i: tf.Tensor1D;
  b: tf.Tensor1D;
  boxes: tf.Tensor2D;
  scores: tf.Tensor1D;
}

export function exampleInputs(): Examples {
  const wave = (shape: number[], seed: number) =>
    tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
        Math.sin(1.7 * i + seed),
      ),
      shape,
    );
  return {
    v: wave([4], 1) as tf.Tensor1D,
    w: wave([4], 2) as tf.Tensor1D,
    p: tf.tensor1d([1.1, 1.9, 1.4, 2]),
    m: wave([3, 4], 3) as tf.Tensor2D,
    n: wave([4, 3], 4) as tf.Tensor2D,
    image: wave([1, 6, 6, 2], 5) as tf.Tensor4D,
    filter: wave([3, 3, 2, 2], 6) as tf.Tensor4D,
    volume: wave([1, 4, 4, 4, 2], 7) as tf.Tensor5D,
    filter3d: wave([2, 2, 2, 2, 3], 8) as tf.Tensor5D,
    i: tf.tensor1d([3, 0, 2, 2], 'int32'),
    b: tf.tensor1d([1, 0, 1, 1], 'bool'),
    boxes: tf.tensor2d([
      [0, 0, 1, 1],
      [0, 0, 1, 0.9],
      [2, 2, 3, 3],
    ]),
    scores: tf.tensor1d([0.9, 0.8, 0.7]),
  };
}

type Example = (inputs: Examples) => tf.Tensor | tf.Tensor[] | tf.NamedTensorMap;

const gradient = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) => tf.grad(f)(x);
const zeroPairs = [
  [0, 0],
  [0, 0],
];

/** One call for every kernel that tfjs-node registers, which runs it. */
export const kernelExamples: Readonly<Record<string, Example>> = {
  Abs: ({ v }) => tf.abs(v),
  Acos: ({ v }) => tf.acos(v),
  Acosh: ({ p }) => tf.acosh(p),
  Add: ({ v, w }) => tf.add(v, w),
  AddN: ({ v, w, p }) => tf.addN([v, w, p]),
  All: ({ b }) => tf.all(b),
  Any: ({ b }) => tf.any(b),
  ArgMax: ({ m }) => tf.argMax(m, 1),
  ArgMin: ({ m }) => tf.argMin(m, 0),
  Asin: ({ v }) => tf.asin(v),
  Asinh: ({ v }) => tf.asinh(v),
  Atan: ({ v }) => tf.atan(v),
  Atan2: ({ v, w }) => tf.atan2(v, w),
  Atanh: ({ v }) => tf.atanh(tf.mul(v, 0.9)),
  AvgPool: ({ image }) => tf.avgPool(image, 2, 2, 'same'),
  AvgPool3D: ({ volume }) => tf.avgPool3d(volume, 2, 2, 'valid'),
  AvgPool3DGrad: ({ volume }) =>
    gradient((x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid'), volume),
  AvgPoolGrad: ({ image }) => gradient((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'same'), image),
  BatchMatMul: ({ m, n }) => tf.matMul(m, n),
  BatchToSpaceND: ({ image }) =>
    tf.batchToSpaceND(tf.reshape(image, [4, 3, 3, 2]), [2, 2], zeroPairs),
  Bincount: ({ i }) => tf.bincount(i, [], 4),
  BroadcastArgs: ({ i }) =>
    tf.broadcastArgs(tf.add(i, tf.scalar(1, 'int32')), tf.tensor1d([4, 1, 3, 3], 'int32')),
  Cast: ({ v }) => tf.cast(v, 'bool'),
  Ceil: ({ v }) => tf.ceil(v),
  ClipByValue: ({ v }) => tf.clipByValue(v, -0.5, 0.5),
  Complex: ({ v, w }) => tf.abs(tf.complex(v, w)),
  ComplexAbs: ({ v, w }) => tf.abs(tf.complex(v, w)),
  Concat: ({ v, w }) => tf.concat([v, w]),
  Conv2D: ({ image, filter }) => tf.conv2d(image, filter, 2, 'same'),
  Conv2DBackpropFilter: ({ image, filter }) =>
    gradient((f) => tf.conv2d(image, f as tf.Tensor4D, 1, 'same'), filter),
  Conv2DBackpropInput: ({ image, filter }) =>
    gradient((x) => tf.conv2d(x as tf.Tensor4D, filter, 1, 'same'), image),
  Conv3D: ({ volume, filter3d }) => tf.conv3d(volume, filter3d, 1, 'same'),
  Conv3DBackpropFilterV2: ({ volume, filter3d }) =>
    gradient((f) => tf.conv3d(volume, f as tf.Tensor5D, 1, 'same'), filter3d),
  Conv3DBackpropInputV2: ({ volume, filter3d }) =>
    gradient((x) => tf.conv3d(x as tf.Tensor5D, filter3d, 1, 'same'), volume),
  Cos: ({ v }) => tf.cos(v),
  Cosh: ({ v }) => tf.cosh(v),
  CropAndResize: ({ image, boxes }) =>
    tf.image.cropAndResize(
      image,
      tf.mul(boxes, 0.3) as tf.Tensor2D,
      tf.tensor1d([0, 0, 0], 'int32'),
      [3, 3],
    ),
  Cumprod: ({ v }) => tf.cumprod(v),
  Cumsum: ({ v }) => tf.cumsum(v, 0, true, true),
  DepthToSpace: ({ image }) => tf.depthToSpace(tf.reshape(image, [1, 3, 3, 8]) as tf.Tensor4D, 2),
  DepthwiseConv2dNative: ({ image, filter }) => tf.depthwiseConv2d(image, filter, 1, 'same'),
  DepthwiseConv2dNativeBackpropFilter: ({ image, filter }) =>
    gradient((f) => tf.depthwiseConv2d(image, f as tf.Tensor4D, 1, 'same'), filter),
  DepthwiseConv2dNativeBackpropInput: ({ image, filter }) =>
    gradient((x) => tf.depthwiseConv2d(x as tf.Tensor4D, filter, 1, 'same'), image),
  Diag: ({ v }) => tf.diag(v),
  Dilation2D: ({ image, filter }) =>
    tf.dilation2d(image, tf.mean(filter, 3) as tf.Tensor3D, 1, 'same'),
  Dilation2DBackpropFilter: ({ image, filter }) =>
    gradient((f) => tf.dilation2d(image, f as tf.Tensor3D, 1, 'same'), tf.mean(filter, 3)),
  Dilation2DBackpropInput: ({ image, filter }) =>
    gradient(
      (x) => tf.dilation2d(x as tf.Tensor4D, tf.mean(filter, 3) as tf.Tensor3D, 1, 'same'),
      image,
    ),
  Einsum: ({ m, n }) => tf.einsum('ij,jk->ik', m, n),
  Elu: ({ v }) => tf.elu(v),
  EluGrad: ({ v }) => gradient((x) => tf.elu(x), v),
  Equal: ({ i }) => tf.equal(i, 2),
  Erf: ({ v }) => tf.erf(v),
  Exp: ({ v }) => tf.exp(v),
  ExpandDims: ({ v }) => tf.expandDims(v, 1),
  Expm1: ({ v }) => tf.expm1(v),
  FFT: ({ v, w }) => tf.abs(tf.fft(tf.complex(v, w))),
  Fill: ({ v }) => tf.mul(v, tf.fill([4], 3)),
  FlipLeftRight: ({ image }) => tf.image.flipLeftRight(image),
  Floor: ({ v }) => tf.floor(v),
  FloorDiv: ({ i }) => tf.floorDiv(i, tf.scalar(2, 'int32')),
  FusedBatchNorm: ({ image, v }) =>
    tf.batchNorm(image, tf.slice(v, 0, 2) as tf.Tensor1D, tf.abs(tf.slice(v, 2, 2)) as tf.Tensor1D),
  FusedConv2D: ({ image, filter, v }) =>
    tf.fused.conv2d({
      x: image,
      filter,
      strides: 1,
      pad: 'same',
      bias: tf.slice(v, 0, 2),
      activation: 'relu',
    }),
  FusedDepthwiseConv2D: ({ image, filter, v }) =>
    tf.fused.depthwiseConv2d({
      x: image,
      filter,
      strides: 1,
      pad: 'same',
      bias: v,
      activation: 'relu6',
    }),
  GatherNd: ({ m }) =>
    tf.gatherND(
      m,
      tf.tensor2d(
        [
          [0, 1],
          [2, 2],
        ],
        [2, 2],
        'int32',
      ),
    ),
  GatherV2: ({ n, i }) => tf.gather(n, i),
  Greater: ({ v, w }) => tf.greater(v, w),
  GreaterEqual: ({ v, w }) => tf.greaterEqual(v, w),
  IFFT: ({ v, w }) => tf.abs(tf.ifft(tf.complex(v, w))),
  Identity: ({ v }) => tf.clone(v),
  Imag: ({ v, w }) => tf.imag(tf.complex(v, w)),
  IsFinite: ({ v }) => tf.isFinite(tf.log(v)),
  IsInf: ({ v }) => tf.isInf(tf.div(v, 0)),
  IsNan: ({ v }) => tf.isNaN(tf.log(v)),
  LRN: ({ image }) => tf.localResponseNormalization(image),
  LRNGrad: ({ image }) => gradient((x) => tf.localResponseNormalization(x as tf.Tensor4D), image),
  LeakyRelu: ({ v }) => tf.leakyRelu(v),
  Less: ({ v, w }) => tf.less(v, w),
  LessEqual: ({ v, w }) => tf.lessEqual(v, w),
  LinSpace: ({ v }) => tf.mul(v, tf.linspace(0, 1, 4)),
  Log: ({ p }) => tf.log(p),
  Log1p: ({ p }) => tf.log1p(p),
  LogicalAnd: ({ b }) => tf.logicalAnd(b, tf.reverse(b)),
  LogicalNot: ({ b }) => tf.logicalNot(b),
  LogicalOr: ({ b }) => tf.logicalOr(b, tf.reverse(b)),
  Max: ({ m }) => tf.max(m, 1),
  MaxPool: ({ image }) => tf.maxPool(image, 3, 2, 'same'),
  MaxPool3D: ({ volume }) => tf.maxPool3d(volume, 2, 2, 'valid'),
  MaxPool3DGrad: ({ volume }) =>
    gradient((x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid'), volume),
  MaxPoolGrad: ({ image }) => gradient((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same'), image),
  Maximum: ({ v, w }) => tf.maximum(v, w),
  Mean: ({ m }) => tf.mean(m, 1),
  Min: ({ m }) => tf.min(m, 0),
  Minimum: ({ v, w }) => tf.minimum(v, w),
  MirrorPad: ({ m }) =>
    tf.mirrorPad(
      m,
      [
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
  Mod: ({ i }) => tf.mod(i, tf.scalar(2, 'int32')),
  Multinomial: ({ v }) => tf.multinomial(v, 5),
  Multiply: ({ v, w }) => tf.mul(v, w),
  Neg: ({ v }) => tf.neg(v),
  NonMaxSuppressionV3: ({ boxes, scores }) => tf.image.nonMaxSuppression(boxes, scores, 3),
  NonMaxSuppressionV4: ({ boxes, scores }) =>
    tf.image.nonMaxSuppressionPadded(boxes, scores, 3, 0.5, Number.NEGATIVE_INFINITY, true),
  NonMaxSuppressionV5: ({ boxes, scores }) => tf.image.nonMaxSuppressionWithScore(boxes, scores, 3),
  NotEqual: ({ i }) => tf.notEqual(i, 2),
  OneHot: ({ i }) => tf.oneHot(i, 4),
  OnesLike: ({ v }) => tf.mul(v, tf.onesLike(v)),
  Pack: ({ v, w }) => tf.stack([v, w]),
  PadV2: ({ m }) =>
    tf.pad(
      m,
      [
        [1, 0],
        [0, 1],
      ],
      0.5,
    ),
  Pow: ({ p, v }) => tf.pow(p, v),
  Prelu: ({ v, w }) => tf.prelu(v, w),
  Prod: ({ v }) => tf.prod(v),
  Range: ({ v }) => tf.mul(v, tf.range(0, 4)),
  Real: ({ v, w }) => tf.real(tf.complex(v, w)),
  RealDiv: ({ v, p }) => tf.div(v, p),
  Reciprocal: ({ v }) => tf.reciprocal(v),
  Relu: ({ v }) => tf.relu(v),
  Relu6: ({ v }) => tf.relu6(tf.mul(v, 9)),
  Reshape: ({ m }) => tf.reshape(m, [-1]),
  ResizeBilinear: ({ image }) => tf.image.resizeBilinear(image, [7, 9]),
  ResizeBilinearGrad: ({ image }) =>
    gradient((x) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 9]), image),
  ResizeNearestNeighbor: ({ image }) => tf.image.resizeNearestNeighbor(image, [7, 9]),
  ResizeNearestNeighborGrad: ({ image }) =>
    gradient((x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [7, 9]), image),
  Reverse: ({ m }) => tf.reverse(m, 1),
  Round: ({ v }) => tf.round(tf.mul(v, 5)),
  Rsqrt: ({ p }) => tf.rsqrt(p),
  ScatterNd: ({ v }) => tf.scatterND(tf.tensor2d([[1], [3], [0], [6]], [4, 1], 'int32'), v, [8]),
  Select: ({ b, v, w }) => tf.where(b, v, w),
  Selu: ({ v }) => tf.selu(v),
  Sigmoid: ({ v }) => tf.sigmoid(v),
  Sign: ({ v }) => tf.sign(v),
  Sin: ({ v }) => tf.sin(v),
  Sinh: ({ v }) => tf.sinh(v),
  Slice: ({ m }) => tf.slice(m, [1, 1], [2, 2]),
  Softmax: ({ m }) => tf.softmax(m),
  Softplus: ({ v }) => tf.softplus(v),
  SpaceToBatchND: ({ image }) => tf.spaceToBatchND(image, [2, 2], zeroPairs),
  SparseToDense: ({ v }) => tf.sparseToDense(tf.tensor1d([0, 1, 3, 5], 'int32'), v, [6], 0),
  SplitV: ({ n }) => tf.split(n, 2),
  Sqrt: ({ p }) => tf.sqrt(p),
  Square: ({ v }) => tf.square(v),
  SquaredDifference: ({ v, w }) => tf.squaredDifference(v, w),
  StaticRegexReplace: () =>
    tf.equal(
      tf.string.staticRegexReplace(tf.tensor1d(['ab', 'b']), 'a', 'c'),
      tf.tensor1d(['cb', 'c']),
    ),
  Step: ({ v }) => tf.step(v),
  StridedSlice: ({ m }) => tf.stridedSlice(m, [0, 1], [3, 4], [2, 2]),
  Sub: ({ v, w }) => tf.sub(v, w),
  Sum: ({ m }) => tf.sum(m, 0, true),
  Tan: ({ v }) => tf.tan(v),
  Tanh: ({ v }) => tf.tanh(v),
  TensorScatterUpdate: ({ v, w }) =>
    tf.tensorScatterUpdate(v, tf.tensor2d([[1], [3]], [2, 1], 'int32'), tf.slice(w, 0, 2)),
  Tile: ({ m }) => tf.tile(m, [2, 1]),
  TopK: ({ m }) => ({ ...tf.topk(m, 2) }),
  Transpose: ({ image }) => tf.transpose(image, [0, 3, 1, 2]),
  Unique: ({ v }) => tf.unique(v).values,
  Unpack: ({ m }) => tf.unstack(m),
  UnsortedSegmentSum: ({ v, i }) => tf.unsortedSegmentSum(v, i, 4),
  ZerosLike: ({ v }) => tf.add(v, tf.zerosLike(v)),
  _FusedMatMul: ({ m, n, v }) =>
    tf.fused.matMul({ a: m, b: n, bias: tf.slice(v, 0, 3), activation: 'relu' }),
  // Those that libtensorflow adds.
  FusedBatchNormV3: ({ image, v }) => trainingBatchNorm(image, v),
  FusedBatchNormGradV3: ({ image, v }) =>
    gradient((x) => tf.square(trainingBatchNorm(x, v)[0]!), image),
  ReluGrad: ({ v }) => gradient((x) => tf.relu(x), v),
  SoftmaxCrossEntropyWithLogits: ({ m }) =>
    tf.engine().runKernel('SoftmaxCrossEntropyWithLogits', {
      logits: m,
      labels: tf.softmax(m),
    }) as tf.Tensor[],
};

function trainingBatchNorm(x: tf.Tensor, v: tf.Tensor1D): tf.Tensor[] {
  const inputs = { x, scale: tf.slice(v, 0, 2), offset: tf.slice(v, 2, 2) };
  const attrs = { epsilon: 1e-3, training: true };
  return (tf.engine().runKernel('FusedBatchNormV3', inputs, attrs) as tf.Tensor[]).slice(0, 3);
}

/** Kernels whose outputs are random: they are compiled, not compared. */
export const randomKernels: ReadonlySet<string> = new Set(['Multinomial']);
