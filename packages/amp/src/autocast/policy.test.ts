import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { precisions, requireKernels } from '../../test/support/precisions.ts';
import { FLOAT, lowTypes, recordOps } from '../../test/support/record-ops.ts';
import { autocast } from '../index.ts';
import { policy } from './policy.ts';

useTensorFlow();

const image = () => tf.randomUniform([2, 4, 4, 3], -1, 1) as tf.Tensor4D;
/** An image in low precision. */
const low = (channels = 3) =>
  tf.conv2d(image(), tf.randomUniform([1, 1, 3, channels]) as tf.Tensor4D, 1, 'same');
const filter = () => tf.randomUniform([3, 3, 3, 3], -1, 1) as tf.Tensor4D;
const gradient = (f: (x: tf.Tensor4D) => tf.Tensor) =>
  tf.grad(f as (x: tf.Tensor) => tf.Tensor)(low());
const batchNorm = (x: tf.Tensor) =>
  (
    tf
      .engine()
      .runKernel(
        'FusedBatchNormV3',
        { x, scale: tf.ones([3]), offset: tf.zeros([3]) },
        { epsilon: 1e-5, training: true },
      ) as tf.Tensor[]
  )[0]!;

/** A use of each op of the policy, by the name under which TensorFlow runs it. */
const uses: Record<string, () => unknown> = {
  Conv2D: () => tf.conv2d(image(), filter(), 1, 'same'),
  Conv2DBackpropInput: () => gradient((x) => tf.conv2d(x, filter(), 1, 'same')),
  Conv2DBackpropFilter: () =>
    tf.grad((w) => tf.conv2d(image(), w as tf.Tensor4D, 1, 'same'))(filter()),
  MatMul: () =>
    tf.grad((w) => tf.conv2d(image(), w as tf.Tensor4D, 1, 'same'))(tf.ones([1, 1, 3, 2])),
  BatchMatMulV2: () => tf.matMul(tf.ones([2, 3]), tf.ones([3, 4])),
  FusedBatchNormV3: () => batchNorm(low()),
  FusedBatchNorm: () => tf.batchNorm(low(), tf.zeros([3]), tf.ones([3])),
  FusedBatchNormGradV3: () => gradient(batchNorm),
  Relu: () => tf.relu(low()),
  Relu6: () => tf.relu6(low()),
  LeakyRelu: () => tf.leakyRelu(low(), 0.1),
  ReluGrad: () => gradient(tf.relu),
  Relu6Grad: () => gradient(tf.relu6),
  MaxPool: () => tf.maxPool(low(), 2, 2, 'same'),
  MaxPoolGrad: () => gradient((x) => tf.maxPool(x, 2, 2, 'same')),
  AvgPool: () => tf.avgPool(low(), 2, 2, 'same'),
  AvgPoolGrad: () => gradient((x) => tf.relu(tf.avgPool(x, 2, 2, 'same'))),
  Add: () => tf.add(low(), low()),
  AddN: () => tf.addN([low(), low()]),
  Sub: () => tf.sub(low(), low()),
  Mul: () => tf.mul(low(), low()),
  Maximum: () => tf.maximum(low(), low()),
  Minimum: () => tf.minimum(low(), low()),
  Neg: () => tf.neg(low()),
  Select: () => tf.where(tf.greater(low(), low()), low(), low()),
  Reshape: () => tf.reshape(low(), [2, -1]),
  ExpandDims: () => tf.expandDims(low(), 0),
  Transpose: () => tf.transpose(low(), [0, 3, 1, 2]),
  PadV2: () =>
    tf.pad(low(), [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]),
  MirrorPad: () =>
    tf.mirrorPad(
      low(),
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      'reflect',
    ),
  ConcatV2: () => tf.concat([low(), low()], 3),
  Pack: () => tf.stack([low(), low()]),
  Unpack: () => tf.unstack(low()),
  Slice: () => tf.slice(low(), [0, 0, 0, 0], [1, 2, 2, 3]),
  StridedSlice: () => tf.stridedSlice(low(), [0, 0, 0, 0], [1, 4, 4, 3], [1, 2, 2, 1]),
  Tile: () => tf.tile(low(), [1, 2, 1, 1]),
};
/** These return booleans: what they compared is seen in their inputs. */
const comparisons: Record<string, () => unknown> = {
  Greater: () => tf.greater(low(), low()),
  GreaterEqual: () => tf.greaterEqual(low(), low()),
  Less: () => tf.less(low(), low()),
  LessEqual: () => tf.lessEqual(low(), low()),
};

/** The ops that run in float32 where the device does not compute the type, by the measurements that `policy` gives. */
const emulated = [
  ...['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'BatchMatMulV2', 'MatMul'],
  ...['FusedBatchNormV3', 'FusedBatchNorm', 'FusedBatchNormGradV3'],
  ...['MaxPool', 'MaxPoolGrad', 'AvgPool', 'AvgPoolGrad'],
];

const names: Record<string, string> = { FusedBatchNorm: 'FusedBatchNormV3' };

describe.each(precisions)('in $dtype, $native', (precision) => {
  const { dtype, native } = precision;
  beforeEach((context) => requireKernels(context, precision));
  const record = (use: () => unknown) =>
    recordOps(() => autocast(precision, () => tf.tidy(() => void use()))).ops;

  test.each(Object.entries(uses))('TensorFlow runs %s', (name, use) => {
    const isEmulated = native === 'emulated' && emulated.includes(name);
    const ran = isEmulated ? name : (names[name] ?? name);
    const runs = record(use).filter((op) => op.name === ran);
    expect(runs.length).toBeGreaterThan(0);
    expect(runs.map(({ outputs }) => outputs[0]!.dtype)).toContain(
      isEmulated ? FLOAT : lowTypes[dtype],
    );
  });

  test.each(Object.entries(comparisons))('TensorFlow runs %s without a cast up', (name, use) => {
    const ops = record(use);
    const compared = ops.findIndex((op) => op.name === name);
    expect(compared).toBeGreaterThan(0);
    const made = new Map(ops.flatMap((op) => op.outputs.map(({ id, dtype }) => [id, dtype])));
    const types = ops[compared]!.inputs.map((id) => made.get(id));
    expect(types).toEqual([lowTypes[dtype], lowTypes[dtype]]);
  });

  test.each([
    ['Softmax', () => tf.softmax(tf.reshape(low(), [2, -1]))],
    ['Exp', () => tf.exp(low())],
    ['Log', () => tf.log(low())],
    ['Sum', () => tf.sum(low())],
    ['Mean', () => tf.mean(low(), [1, 2])],
    ['Square', () => tf.square(low())],
  ])('%s runs in float32', (name, use) => {
    const runs = record(use).filter((op) => op.name === name);
    expect(runs.map(({ outputs }) => outputs[0]!.dtype)).toEqual([FLOAT]);
  });

  test.each([
    ['Add', () => tf.add(low(), image())],
    ['Mul', () => tf.mul(image(), low())],
    ['ConcatV2', () => tf.concat([low(), image()], 3)],
  ])('%s of mixed operands runs in float32', (name, use) => {
    const runs = record(use).filter((op) => op.name === name);
    expect(runs.map(({ outputs }) => outputs[0]!.dtype)).toEqual([FLOAT]);
  });
});

test('the ops that are emulated are those whose other kernels are wrong or slow', () => {
  const marked = Object.keys(policy).filter((name) => policy[name]!.emulated !== undefined);
  expect(marked).toEqual(emulated);
});

test('every op of the policy is used here, and has a reason', () => {
  const tested = Object.keys({ ...uses, ...comparisons });
  // tfjs has one Add; TensorFlow has two names for it.
  expect(
    Object.keys(policy)
      .filter((name) => name !== 'AddV2')
      .sort(),
  ).toEqual(tested.sort());
  for (const { why, emulated = why } of Object.values(policy)) {
    expect(Math.min(why.length, emulated.length)).toBeGreaterThan(10);
  }
});
