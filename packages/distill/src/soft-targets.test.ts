import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { softTargets } from './soft-targets.ts';

interface Golden {
  name: string;
  temperature: number;
  teacher: number[][];
  softTargets: number[][];
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/distillation.json', import.meta.url), 'utf8'),
);

function distance(a: tf.Tensor, b: tf.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  tf.engine().startScope();
  return () => tf.engine().endScope();
});

test.each(golden)('equals PyTorch: $name', ({ temperature, teacher, softTargets: expected }) => {
  const soft = softTargets(tf.tensor2d(teacher), { temperature });
  expect(distance(soft, tf.tensor2d(expected))).toBeLessThan(1e-6);
});

test('the default temperature is 20 and 1 is the plain softmax', () => {
  const logits = tf.tensor2d([
    [1, 2, 30],
    [0, -5, 9],
  ]);
  expect(distance(softTargets(logits), tf.softmax(tf.div(logits, 20)))).toBeLessThan(1e-7);
  expect(distance(softTargets(logits, { temperature: 1 }), tf.softmax(logits))).toBeLessThan(1e-7);
});

test('rows of any rank sum to 1, and a higher temperature is never less even', () => {
  const row = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), {
    minLength: 2,
    maxLength: 6,
  });
  const temperature = fc.double({ min: 1e-3, max: 500, noNaN: true });
  fc.assert(
    fc.property(row, temperature, (logits, temperature) => {
      tf.tidy(() => {
        const x = tf.tensor3d([[logits]]);
        const soft = softTargets(x, { temperature });
        const softer = softTargets(x, { temperature: temperature * 2 });
        expect(soft.shape).toEqual(x.shape);
        expect(tf.sum(soft).dataSync()[0]).toBeCloseTo(1, 5);
        const [peak, lower] = [tf.max(soft).dataSync()[0]!, tf.max(softer).dataSync()[0]!];
        expect(lower).toBeLessThanOrEqual(peak + 1e-6);
      });
    }),
  );
});

test.each([0, -1, Number.NaN, Infinity, 1e-4, 1e4])('refuses the temperature %s', (temperature) => {
  expect(() => softTargets(tf.zeros([1, 2]), { temperature })).toThrow(
    /^softTargets: expected temperature to be a number from 0.001 to 1000/,
  );
});

test('refuses scalars and logits that are not numbers', () => {
  expect(() => softTargets(tf.scalar(1))).toThrow(
    /^softTargets: expected logits of shape \[\.\.\., classes\]/,
  );
  expect(() => softTargets(tf.zeros([2, 2], 'bool'))).toThrow(
    /^softTargets: expected logits of dtype/,
  );
});

test('int32 logits are cast; a call makes one tensor and disposes no input', () => {
  const logits = tf.tensor2d([[1, 2]], [1, 2], 'int32');
  const before = tf.memory().numTensors;
  const soft = softTargets(logits);
  expect(tf.memory().numTensors).toBe(before + 1);
  expect(soft.dtype).toBe('float32');
  expect(logits.isDisposed).toBe(false);
});
