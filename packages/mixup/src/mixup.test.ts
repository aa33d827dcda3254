import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { mixup } from './mixup.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('mixes each example with the one at the mirrored place', () => {
  const x = tf.tensor2d([[1], [2], [3]]);
  const y = tf.tensor2d([[1, 0], [0, 1], [1, 0]]);
  const mixed = mixup(x, y, { lambda: 0.75 });
  expect(mixed.inputs.arraySync()).toEqual([[1.5], [2], [2.5]]);
});
