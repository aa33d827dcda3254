import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test, vi } from 'vitest';
import { registerTensorFlowBackend } from '../../index.ts';
import type { NodeBackend } from '../node-backend.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
});

const rows = [
  [1, Number.NaN],
  [3, 4],
  [5, -0],
];

test.each([
  ['the first axis', [0], [rows[2], rows[1], rows[0]]],
  ['the first axis, counted from the last', [-2], [rows[2], rows[1], rows[0]]],
  ['another one', [1], rows.map((row) => row.toReversed())],
  ['both', [0, 1], rows.map((row) => row.toReversed()).toReversed()],
])('%s is turned round', (_, axes, expected) => {
  for (const dtype of ['float32', 'int32'] as const) {
    const given = dtype === 'int32' ? rows.map((row) => row.map((x) => x || 0)) : rows;
    const wanted = dtype === 'int32' ? expected.map((row) => row!.map((x) => x || 0)) : expected;
    tf.tidy(() => {
      expect(tf.reverse(tf.tensor2d(given, [3, 2], dtype), axes).arraySync()).toEqual(wanted);
    });
  }
});

test('what is empty stays so, and nothing is left behind', () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    expect(tf.reverse(tf.zeros([0, 2]), 0).shape).toEqual([0, 2]);
    tf.reverse(tf.zeros([3, 2]), 0);
  });
  expect(tf.memory().numTensors).toBe(before);
});

test('on a CPU rows are gathered, on a GPU the op of its own reverses them', () => {
  const { binding } = tf.backend() as NodeBackend;
  const ran = (hasGpu: boolean) => {
    const executeOp = vi.spyOn(binding, 'executeOp');
    const gpu = vi.spyOn(binding, 'isUsingGpuDevice').mockReturnValue(hasGpu);
    try {
      const reversed = tf.tidy(() => Array.from(tf.reverse(tf.tensor1d([1, 2, 3]), 0).dataSync()));
      expect(reversed).toEqual([3, 2, 1]);
      return executeOp.mock.calls.map(([name]) => name);
    } finally {
      executeOp.mockRestore();
      gpu.mockRestore();
    }
  };
  expect(ran(false)).toContain('GatherV2');
  expect(ran(true)).toEqual(['ReverseV2']);
});
