import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ours, reference } from '../../../test/support/reference.ts';
import { registerTensorFlowBackend } from '../register.ts';

const large = 2 ** 24 + 1;
const int32 = (...values: number[]) => tf.tensor1d(values, 'int32');
const floats = () => tf.tensor1d([-2.5, -0, 0, 3, Number.NaN, Number.NEGATIVE_INFINITY]);
const words = () => tf.tensor2d(['b', 'a', '', 'é'], [4, 1]);

const computations: Record<string, () => tf.Tensor> = {
  'round of int32': () => tf.round(int32(1, 2, -3, large, -(2 ** 31))),
  'sign, with NaN': () => tf.sign(floats()),
  'sign of int32': () => tf.sign(int32(-5, 0, large)),
  'leakyRelu of int32': () => tf.leakyRelu(int32(-10, 0, 3), 0.2),
  'step of int32': () => tf.step(int32(-5, 0, large), 2),
  'diag of bool': () => tf.diag(tf.tensor1d([1, 0, 1], 'bool')),
  'scatterND with a vector of indices': () =>
    tf.scatterND(int32(3, 0, 3), tf.tensor1d([1, 2, 3]), [5]),
  'sparseSegmentMean of int32': () =>
    tf.sparse.sparseSegmentMean(
      tf.tensor2d([large, -3, large, 4, 1, 2], [3, 2], 'int32'),
      int32(0, 1, 2, 2),
      int32(0, 0, 2, 2),
    ),
  'greater of strings': () => tf.greater(words(), tf.tensor1d(['a', 'b'])),
  'greaterEqual of strings': () => tf.greaterEqual(words(), tf.scalar('a')),
  'less of strings': () => tf.less(words(), tf.tensor1d(['a', 'b'])),
  'lessEqual of strings': () => tf.lessEqual(words(), tf.scalar('a')),
  'less of no strings': () => tf.less(tf.tensor([], [0], 'string'), tf.scalar('a')),
};

test.each(Object.entries(computations))('%s is that of the cpu backend', async (_name, compute) => {
  expect(await ours(compute)).toEqual(await reference(compute));
});

describe('on our backend', () => {
  beforeAll(async () => {
    await registerTensorFlowBackend();
  });

  test('a window with a NaN has the maximum of its numbers, and where that is', () => {
    const x = tf.tensor4d([Number.NaN, 1, 2, 3], [1, 2, 2, 1]);
    const { result, indexes } = tf.maxPoolWithArgmax(x, 2, 2, 'valid');
    expect([...result!.dataSync(), ...indexes!.dataSync()]).toEqual([3, 3]);
    tf.dispose([x, result!, indexes!]);
  });

  test('einsum refuses a label of the output that no input has, and computes what TensorFlow knows', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(() => tf.einsum('ij->in', x)).toThrow('label n not present in the input subscripts');
    const trace = tf.einsum('ii->', x);
    expect(trace.dataSync()[0]).toBe(5);
    tf.dispose([x, trace]);
  });

  test('types are kept, and neither tensors nor native handles are left', async () => {
    const { nativeHandleCount } = await registerTensorFlowBackend();
    const before = [tf.memory().numTensors, nativeHandleCount()];
    const dtypes = Object.values(computations).map((compute) => tf.tidy(() => compute().dtype));
    expect(dtypes.slice(0, 6)).toEqual(['int32', 'float32', 'int32', 'float32', 'int32', 'bool']);
    expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
  });
});
