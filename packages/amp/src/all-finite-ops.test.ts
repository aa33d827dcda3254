import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { countOps, recordOps } from '../test/support/record-ops.ts';
import { allFinite } from './index.ts';

useTensorFlow();

test('large gradients cost two operations each, small ones two together', () => {
  const large = [0, 1].map(() => tf.ones([2 ** 16 + 1]));
  const small = Array.from({ length: 50 }, (_, i) => tf.ones([i + 1]));
  const gradients = Object.fromEntries([...large, ...small].map((one, i) => [`g${i}`, one]));
  const { ops, result } = recordOps(() => allFinite(gradients));
  const { 'Reshape float32': reshapes = 0, ...counts } = countOps(ops);
  expect(counts).toEqual({
    'IsFinite bool': 3,
    'All bool': 4,
    'ConcatV2 float32': 1,
    'Pack bool': 1,
  });
  // They move nothing.
  expect(reshapes).toBeLessThanOrEqual(50);
  expect(result.dataSync()[0]).toBe(1);
});
