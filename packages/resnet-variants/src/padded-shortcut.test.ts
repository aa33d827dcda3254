import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { tensorLayers } from '@bag-of-tricks/network-layers';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { architectureOf } from './architecture.ts';
import { countParameters } from './counts.ts';
import { shortcutPath } from './forward.ts';
import { createModel } from './names.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

test('takes every second pixel and pads zero channels on both sides', () => {
  const model = createModel('resnet20_pad', { numClasses: 2, layers: [1, 1], width: 4 });
  const block = architectureOf(model.config).blocks[1]!;
  const x = tf.range(0, 3 * 4 * 4).reshape([1, 3, 4, 4]) as tf.Tensor4D;
  const layers = tensorLayers({ ...model, training: false, random: () => tf.zeros([1]) });
  const y = shortcutPath<tf.Tensor>(x, block, layers);
  expect(y.shape).toEqual([1, 2, 2, 8]);
  const at = (row: number, column: number) =>
    [0, 1, 2, 3].map((channel) => (row * 4 + column) * 4 + channel);
  const pixels = [at(0, 0), at(0, 2), at(2, 0), at(2, 2)];
  expect([...y.dataSync()]).toEqual(pixels.flatMap((pixel) => [0, 0, ...pixel, 0, 0]));
  const gradient = tf.grad((input) => tf.sum(shortcutPath<tf.Tensor>(input, block, layers)))(x);
  const expected = Array(3 * 4 * 4).fill(0);
  for (const value of pixels.flat()) expected[value] = 1;
  expect([...gradient.dataSync()]).toEqual(expected);
});

test('has no parameters: ResNet-20 has 0.27 million, and loads into no projection', () => {
  // 269,722 at 10 classes: the network of He et al. 2016.
  const model = createModel('resnet20_pad', { numClasses: 10 });
  expect(countParameters(model)).toBe(269_722);
  expect(Object.keys(model.parameters).some((name) => name.includes('downsample'))).toBe(false);
});
