import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectClose, ours, reference } from '../../test/support/reference.ts';

interface TensorsByRank {
  1: tf.Tensor1D;
  2: tf.Tensor2D;
  3: tf.Tensor3D;
  4: tf.Tensor4D;
  5: tf.Tensor5D;
}

/** The same uniformly distributed numbers on every backend. */
function random<const S extends readonly number[] & { length: keyof TensorsByRank }>(
  shape: S,
  seed = 1,
  low = -1,
  high = 1,
): TensorsByRank[S['length']] {
  const numbers = tf.randomUniform(shape as unknown as [number], low, high, 'float32', seed);
  return numbers as tf.Tensor as TensorsByRank[S['length']];
}

// Each kernel of tfjs-node once: they were written for TensorFlow 2.9, and the C API took attributes that
// an op does not have without a word.
const computations: Record<string, () => tf.Tensor> = {
  abs: () => tf.abs(random([3, 4])),
  acos: () => tf.acos(random([5])),
  acosh: () => tf.acosh(random([5], 1, 1.1, 3)),
  addN: () => tf.addN([random([2]), random([2], 2)]),
  all: () => tf.all(tf.greater(random([2, 3]), 0), 1),
  any: () => tf.any(tf.greater(random([2, 3]), 0), 1),
  argMax: () => tf.argMax(random([3, 4]), 1),
  argMin: () => tf.argMin(random([3, 4]), 0),
  asin: () => tf.asin(random([5])),
  atan: () => tf.atan(random([5])),
  atan2: () => tf.atan2(random([5]), random([5], 2)),
  atanh: () => tf.atanh(random([5], 1, -0.9, 0.9)),
  avgPool: () => tf.avgPool(random([1, 5, 5, 2]), 2, 2, 'same'),
  avgPool3d: () => tf.avgPool3d(random([1, 4, 4, 4, 2]), 2, 2, 'valid'),
  batchToSpaceND: () =>
    tf.batchToSpaceND(
      random([4, 1, 1, 1]),
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  bincount: () => tf.bincount(tf.tensor1d([1, 2, 2], 'int32'), [], 4),
  broadcastArgs: () => tf.broadcastArgs(tf.tensor1d([1, 3], 'int32'), tf.tensor1d([2, 1], 'int32')),
  cast: () => tf.cast(random([3], 1, 0, 5), 'int32'),
  castToBool: () => tf.cast(random([3]), 'bool'),
  ceil: () => tf.ceil(random([5])),
  clipByValue: () => tf.clipByValue(random([5]), -0.5, 0.5),
  complex: () => tf.abs(tf.complex(random([3]), random([3], 2))),
  concat: () => tf.concat([random([2, 2]), random([2, 3], 2)], 1),
  conv2d: () => tf.conv2d(random([1, 5, 5, 2]), random([3, 3, 2, 3], 2), 2, 'same'),
  conv3d: () => tf.conv3d(random([1, 4, 4, 4, 2]), random([2, 2, 2, 2, 3], 2), 1, 'same'),
  cos: () => tf.cos(random([4])),
  cosh: () => tf.cosh(random([4])),
  cropAndResize: () =>
    tf.image.cropAndResize(
      random([1, 5, 5, 2]),
      tf.tensor2d([[0, 0, 1, 1]]),
      tf.tensor1d([0], 'int32'),
      [3, 3],
    ),
  cumprod: () => tf.cumprod(random([4])),
  cumsum: () => tf.cumsum(random([4]), 0, true, true),
  depthToSpace: () => tf.depthToSpace(random([1, 2, 2, 4]), 2),
  depthwiseConv2d: () =>
    tf.depthwiseConv2d(random([1, 5, 5, 2]), random([3, 3, 2, 2], 2), 1, 'same'),
  diag: () => tf.diag(random([3])),
  dilation2d: () => tf.dilation2d(random([1, 5, 5, 2]), random([2, 2, 2], 2), 1, 'same'),
  einsum: () => tf.einsum('ij,jk->ik', random([2, 3]), random([3, 4], 2)),
  elu: () => tf.elu(random([5])),
  equal: () => tf.equal(random([5]), random([5])),
  erf: () => tf.erf(random([5])),
  exp: () => tf.exp(random([5])),
  expandDims: () => tf.expandDims(random([3]), 1),
  expm1: () => tf.expm1(random([3])),
  fft: () => tf.abs(tf.fft(tf.complex(random([4]), random([4], 2)))),
  fill: () => tf.fill([2, 2], 3),
  floor: () => tf.floor(random([4])),
  floorDiv: () => tf.floorDiv(tf.tensor1d([7, 8], 'int32'), tf.tensor1d([2, 3], 'int32')),
  batchNorm: () =>
    tf.batchNorm(
      random([1, 2, 2, 3]),
      random([3], 2),
      random([3], 3, 0.5, 1),
      random([3], 4),
      random([3], 5),
    ),
  fusedConv2d: () =>
    tf.fused.conv2d({
      x: random([1, 5, 5, 2]),
      filter: random([3, 3, 2, 3], 2),
      strides: 1,
      pad: 'same',
      bias: random([3], 3),
      activation: 'relu',
    }),
  fusedMatMul: () =>
    tf.fused.matMul({
      a: random([2, 3]),
      b: random([3, 4], 2),
      bias: random([4], 3),
      activation: 'relu',
    }),
  gatherNd: () =>
    tf.gatherND(
      random([3, 3]),
      tf.tensor2d(
        [
          [0, 1],
          [2, 2],
        ],
        [2, 2],
        'int32',
      ),
    ),
  gatherRows: () => tf.gather(random([4, 2]), tf.tensor1d([3, 0], 'int32')),
  greater: () => tf.greater(random([4]), 0),
  greaterEqual: () => tf.greaterEqual(random([4]), 0),
  flipLeftRight: () => tf.image.flipLeftRight(random([1, 3, 3, 1])),
  isFinite: () => tf.isFinite(tf.tensor1d([1, NaN, Infinity])),
  isInf: () => tf.isInf(tf.tensor1d([1, NaN, Infinity])),
  isNaN: () => tf.isNaN(tf.tensor1d([1, NaN, Infinity])),
  localResponseNormalization: () => tf.localResponseNormalization(random([1, 2, 2, 4])),
  leakyRelu: () => tf.leakyRelu(random([5])),
  less: () => tf.less(random([4]), 0),
  linspace: () => tf.linspace(0, 1, 5),
  log: () => tf.log(random([4], 1, 0.1, 2)),
  log1p: () => tf.log1p(random([4], 1, 0.1, 2)),
  logicalAnd: () => tf.logicalAnd(tf.greater(random([4]), 0), tf.greater(random([4], 2), 0)),
  logicalNot: () => tf.logicalNot(tf.greater(random([4]), 0)),
  logicalOr: () => tf.logicalOr(tf.greater(random([4]), 0), tf.greater(random([4], 2), 0)),
  logSoftmax: () => tf.logSoftmax(random([2, 4])),
  logSumExp: () => tf.logSumExp(random([2, 4]), 1),
  max: () => tf.max(random([3, 4]), 1),
  maxPool: () => tf.maxPool(random([1, 5, 5, 2]), 3, 2, 'same'),
  maxPool3d: () => tf.maxPool3d(random([1, 4, 4, 4, 2]), 2, 2, 'valid'),
  maximum: () => tf.maximum(random([4]), random([4], 2)),
  mean: () => tf.mean(random([3, 4]), 1),
  meanInt: () =>
    tf.mean(
      tf.tensor2d(
        [
          [1, 2],
          [3, 5],
        ],
        [2, 2],
        'int32',
      ),
      1,
    ),
  min: () => tf.min(random([3, 4]), 0),
  mirrorPad: () =>
    tf.mirrorPad(
      random([3, 3]),
      [
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
  mod: () => tf.mod(random([4], 1, 0, 9), tf.scalar(2)),
  mul: () => tf.mul(random([4]), random([4], 2)),
  neg: () => tf.neg(random([4])),
  nonMaxSuppression: () =>
    tf.image.nonMaxSuppression(
      tf.tensor2d([
        [0, 0, 1, 1],
        [0, 0, 1, 0.9],
        [2, 2, 3, 3],
      ]),
      tf.tensor1d([0.9, 0.8, 0.7]),
      3,
    ),
  oneHot: () => tf.oneHot(tf.tensor1d([0, 2], 'int32'), 3),
  onesLike: () => tf.onesLike(random([3])),
  stack: () => tf.stack([random([3]), random([3], 2)]),
  pad: () =>
    tf.pad(
      random([2, 2]),
      [
        [1, 0],
        [0, 1],
      ],
      0.5,
    ),
  pow: () => tf.pow(random([4], 1, 0.1, 2), 2),
  prelu: () => tf.prelu(random([4]), random([4], 2)),
  prod: () => tf.prod(random([4])),
  range: () => tf.range(0, 5),
  reciprocal: () => tf.reciprocal(random([4])),
  relu6: () => tf.relu6(random([4])),
  resizeBilinear: () => tf.image.resizeBilinear(random([1, 4, 4, 2]), [7, 7]),
  resizeNearestNeighbor: () => tf.image.resizeNearestNeighbor(random([1, 4, 4, 2]), [7, 7]),
  reverse: () => tf.reverse(random([3, 2]), 0),
  round: () => tf.round(random([4], 1, -3, 3)),
  rsqrt: () => tf.rsqrt(random([4], 1, 0.1, 2)),
  scatterND: () => tf.scatterND(tf.tensor2d([[1], [3]], [2, 1], 'int32'), random([2]), [5]),
  where: () => tf.where(tf.greater(random([4]), 0), random([4]), random([4], 2)),
  selu: () => tf.selu(random([4])),
  sigmoid: () => tf.sigmoid(random([4])),
  sign: () => tf.sign(random([4])),
  sin: () => tf.sin(random([4])),
  sinh: () => tf.sinh(random([4])),
  slice: () => tf.slice(random([4, 4]), [1, 1], [2, 2]),
  softmax: () => tf.softmax(random([2, 4])),
  softplus: () => tf.softplus(random([4])),
  spaceToBatchND: () =>
    tf.spaceToBatchND(
      random([1, 2, 2, 1]),
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  sparseToDense: () => tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), random([2]), [5], 0),
  split: () => tf.concat(tf.split(random([4, 2]), 2, 0), 1),
  sqrt: () => tf.sqrt(random([4], 1, 0.1, 2)),
  square: () => tf.square(random([4])),
  squaredDifference: () => tf.squaredDifference(random([4]), random([4], 2)),
  step: () => tf.step(random([4])),
  stridedSlice: () => tf.stridedSlice(random([5, 5]), [0, 1], [4, 5], [2, 2]),
  sub: () => tf.sub(random([4]), random([4], 2)),
  sum: () => tf.sum(random([3, 4]), 0, true),
  sumInt: () => tf.sum(tf.tensor1d([1, 2], 'int32')),
  sumBool: () => tf.sum(tf.greater(random([5]), 0)),
  tan: () => tf.tan(random([4])),
  tanh: () => tf.tanh(random([4])),
  tensorScatterUpdate: () =>
    tf.tensorScatterUpdate(random([5]), tf.tensor2d([[1], [3]], [2, 1], 'int32'), random([2], 2)),
  tile: () => tf.tile(random([2, 2]), [2, 1]),
  topk: () => tf.topk(random([5]), 2).values,
  transpose: () => tf.transpose(random([2, 3, 4]), [2, 0, 1]),
  unique: () => tf.unique(tf.tensor1d([1, 2, 2])).values,
  uniqueIndices: () => tf.unique(tf.tensor1d([1, 2, 2])).indices,
  unstack: () => tf.unstack(random([2, 3]))[1]!,
  unsortedSegmentSum: () =>
    tf.unsortedSegmentSum(random([4]), tf.tensor1d([0, 1, 0, 1], 'int32'), 2),
  zerosLike: () => tf.zerosLike(random([3])),
  div: () => tf.div(random([4]), 2),
  divInt: () => tf.div(tf.tensor1d([7], 'int32'), tf.tensor1d([2], 'int32')),
  rfft: () => tf.abs(tf.rfft(random([8]))),
  addBroadcast: () => tf.add(random([2, 3]), random([3], 2)),
  addMixedTypes: () => tf.add(tf.tensor1d([1, 2], 'int32'), random([2])),
  bandPart: () => tf.linalg.bandPart(random([3, 3]), 1, 1),
  norm: () => tf.norm(random([4])),
  moments: () => tf.moments(random([4, 3]), 0).variance,
  maxPoolGradient: () =>
    tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same'))(random([1, 5, 5, 2])),
  conv2dGradient: () =>
    tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, random([3, 3, 2, 3], 2), 2, 'same'))(
      random([1, 5, 5, 2]),
    ),
  conv2dFilterGradient: () =>
    tf.grad((f: tf.Tensor) => tf.conv2d(random([1, 5, 5, 2]), f as tf.Tensor4D, 2, 'same'))(
      random([3, 3, 2, 3], 2),
    ),
  logSoftmaxGradient: () => tf.grad((x: tf.Tensor) => tf.logSoftmax(x))(random([2, 4])),
  padGradient: () =>
    tf.grad((x: tf.Tensor) =>
      tf.square(
        tf.pad(x, [
          [1, 0],
          [0, 1],
        ]),
      ),
    )(random([2, 2])),
  depthwiseConv2dGradient: () =>
    tf.grad((x: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, random([3, 3, 2, 2], 2), 1, 'same'),
    )(random([1, 5, 5, 2])),
  gatherGradient: () =>
    tf.grad((x: tf.Tensor) => tf.gather(x, tf.tensor1d([1, 1, 0], 'int32')))(random([3, 2])),
};

test.each(Object.entries(computations))('%s is that of the cpu backend', async (_, compute) => {
  const dtypes: string[] = [];
  const noted = () => {
    const tensor = compute();
    dtypes.push(tensor.dtype);
    return tensor;
  };
  expectClose(await ours(noted), await reference(noted), 1e-4);
  expect(dtypes[0]).toBe(dtypes[1]);
});

test('multinomial draws each class as often as its probability says', async () => {
  const [draws] = await ours(() => tf.multinomial(tf.log(tf.tensor1d([0.1, 0.3, 0.6])), 4000, 7));
  const shares = [0, 1, 2].map((k) => draws!.filter((draw) => draw === k).length / 4000);
  // Four standard deviations of a share are at most 0.032.
  [0.1, 0.3, 0.6].forEach((probability, k) => {
    expect(Math.abs(shares[k]! - probability)).toBeLessThan(0.032);
  });
});
