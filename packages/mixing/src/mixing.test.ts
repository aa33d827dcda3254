import '@tensorflow/tfjs-backend-cpu';
import { seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { blend, checkBatch, drawLambda, resolvePartners, takePartners } from './mixing.ts';

beforeAll(() => tf.setBackend('cpu'));

beforeEach(() => {
  tf.engine().startScope();
  return () => tf.engine().endScope();
});

const values = (tensor: tf.Tensor) => [...tensor.dataSync()];

test('blends by the share of the first, a number or a tensor, and leaves both as they are', () => {
  const [one, other] = [tf.tensor1d([0, 4]), tf.tensor1d([8, 0])];
  expect(values(blend(one, other, 0.25))).toEqual([6, 1]);
  expect(values(blend(one, other, tf.scalar(0.25)))).toEqual([6, 1]);
  expect(blend(tf.tensor1d([1], 'int32'), tf.tensor1d([2], 'int32'), 0.5).dtype).toBe('float32');
  expect([values(one), values(other)]).toEqual([
    [0, 4],
    [8, 0],
  ]);
});

test('partners are the reversed batch, or what a permutation names', () => {
  const x = tf.tensor2d([[1], [2], [3]]);
  const partnersOf = (permutation: Parameters<typeof resolvePartners>[1]) =>
    values(takePartners(x, resolvePartners('caller', permutation, 3)));
  expect(partnersOf('reversed')).toEqual([3, 2, 1]);
  expect(partnersOf([1, 2, 0])).toEqual([2, 3, 1]);
  expect(partnersOf(tf.tensor1d([0, 2, 1], 'int32'))).toEqual([1, 3, 2]);
  expect(() => partnersOf([0, 0, 1])).toThrow(
    /^caller: expected permutation to hold each of 0 to 2/,
  );
  expect(() => partnersOf(tf.tensor1d([0, 1]))).toThrow('of dtype int32 and shape [3]');
});

test('without an alpha nothing is mixed, and with one a generator is needed', () => {
  expect(drawLambda('caller', 0, undefined)).toBe(1);
  expect(drawLambda('caller', 0.2, seededRandom(1))).toBe(
    drawLambda('caller', 0.2, seededRandom(1)),
  );
  expect(() => drawLambda('caller', 0.2, undefined)).toThrow('caller: expected random, because no');
  expect(() => drawLambda('caller', -1, seededRandom(1))).toThrow('a finite number >= 0, got -1');
});

test('class numbers and labels of another batch are refused', () => {
  const inputs = tf.zeros([2, 3]);
  expect(() => checkBatch('caller', inputs, tf.tensor1d([0, 1]))).toThrow('got class indices [2]');
  expect(() => checkBatch('caller', inputs, tf.zeros([3, 4]))).toThrow(
    'labels of shape [2, classes]',
  );
  checkBatch('caller', inputs, tf.zeros([2, 4]));
});
