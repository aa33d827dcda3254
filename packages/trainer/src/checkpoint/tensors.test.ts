import type { NamedArray } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { assignArrays } from './tensors.ts';

const arrays: Record<string, NamedArray> = {
  first: { shape: [3], data: Float32Array.of(1, 2, 3) },
  count: { shape: [], data: Int32Array.of(-7) },
  table: { shape: [2, 2], data: Int32Array.of(1, 2, 3, 2 ** 31 - 1) },
};

test('a name or a shape that does not fit is named, and no variable is changed', async () => {
  await tf.setBackend('cpu');
  const count = tf.variable(tf.scalar(5, 'int32'), false);
  const first = tf.variable(tf.zeros([2]), false);
  const assign = () => assignArrays({ count, first, gone: first }, arrays);
  expect(assign).toThrow(/Missing: gone; unknown: table; of another shape: first \[3\] for \[2\]/);
  expect([...first.dataSync(), ...count.dataSync()]).toEqual([0, 0, 5]);
  assignArrays({ count }, { count: arrays.count! });
  expect([...count.dataSync()]).toEqual([-7]);
  tf.dispose([count, first]);
});
