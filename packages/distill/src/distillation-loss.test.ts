import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { distillationLoss } from './distillation-loss.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('the cross-entropy value starts at T^2 ln K, 2763.1 at T = 20 and 1000 classes', () => {
  const zeros = tf.zeros([2, 1000]);
  const labels = tf.oneHot([3, 4], 1000);
  const { soft } = distillationLoss(labels, zeros, zeros, { value: 'crossEntropy' });
  expect(soft.dataSync()[0]).toBeCloseTo(2763.102, 2);
});
