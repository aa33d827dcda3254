import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { nesterovUpdate } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('nesterovUpdate', () => {
  test('computes the paper’s equations, worked by hand', () => {
    // g = 0.5 + 0.1 * 2 = 0.7; v = 0.9 * 1 + 0.7 = 1.6; w = 2 - 0.5 * (0.7 + 0.9 * 1.6) = 0.93
    const next = nesterovUpdate(tf.scalar(2), tf.scalar(1), tf.scalar(0.5), 0.5, {
      momentum: 0.9,
      weightDecay: 0.1,
    });
    expect(next.velocity.dataSync()[0]).toBeCloseTo(1.6, 6);
    expect(next.weight.dataSync()[0]).toBeCloseTo(0.93, 6);
  });

  test('numbers and scalar tensors give the same bits', () => {
    const number = fc.float({ min: -4, max: 4, noNaN: true });
    const share = fc.float({ min: 0, max: Math.fround(0.96875), noNaN: true });
    fc.assert(
      fc.property(number, number, number, share, share, (w, v, g, momentum, weightDecay) => {
        tf.tidy(() => {
          const tensors = [tf.scalar(w), tf.scalar(v), tf.scalar(g)] as const;
          const a = nesterovUpdate(...tensors, 0.25, { momentum, weightDecay });
          const b = nesterovUpdate(...tensors, tf.scalar(0.25), {
            momentum: tf.scalar(momentum),
            weightDecay: tf.scalar(weightDecay),
          });
          expect(b.weight.dataSync()[0]! + 0).toBe(a.weight.dataSync()[0]! + 0);
          expect(b.velocity.dataSync()[0]! + 0).toBe(a.velocity.dataSync()[0]! + 0);
        });
      }),
    );
  });

  test('without momentum and decay it is plain gradient descent', () => {
    const next = nesterovUpdate(
      tf.tensor1d([1, 2]),
      tf.tensor1d([5, 5]),
      tf.tensor1d([4, -4]),
      0.25,
      {
        momentum: 0,
        weightDecay: 0,
      },
    );
    expect(Array.from(next.weight.dataSync())).toEqual([0, 3]);
  });

  test('returns two tensors, leaves nothing behind and the inputs alone', () => {
    const inputs = [tf.ones([3]), tf.ones([3]), tf.ones([3])] as const;
    const before = tf.memory().numTensors;
    const next = nesterovUpdate(...inputs, 0.1);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([next.weight, next.velocity]);
    for (const input of inputs) expect(Array.from(input.dataSync())).toEqual([1, 1, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses shapes that broadcasting would let pass', () => {
    const weight = tf.ones([2, 2]);
    expect(() => nesterovUpdate(weight, weight, tf.ones([2]), 0.1)).toThrow(
      "nesterovUpdate: expected gradient of shape [2,2], the weight's, got [2].",
    );
    expect(() => nesterovUpdate(weight, tf.scalar(0), weight, 0.1)).toThrow(/velocity of shape/);
  });

  test.each([
    [{ momentum: 1 }, /0 <= momentum < 1, got 1/],
    [{ momentum: -0.1 }, /momentum < 1, got -0.1/],
    [{ momentum: Number.NaN }, /got NaN/],
    [{ weightDecay: -1e-4 }, /weightDecay to be finite and >= 0, got -0.0001/],
    [{ weightDecay: Number.POSITIVE_INFINITY }, /got Infinity/],
  ])('refuses %o', (options, message) => {
    const one = tf.scalar(1);
    expect(() => nesterovUpdate(one, one, one, 0.1, options)).toThrow(RangeError);
    expect(() => nesterovUpdate(one, one, one, 0.1, options)).toThrow(message);
  });
});
