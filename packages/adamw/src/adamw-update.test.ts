import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { adamwUpdate } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('adamwUpdate', () => {
  test('computes algorithm 2, as written, in double precision', () => {
    const number = fc.double({ min: -4, max: 4, noNaN: true });
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    const square = fc.double({ min: 0, max: 4, noNaN: true });
    const steps = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(
        ...[number, number, square, number, share, share, steps],
        (w, m0, v0, g, beta1, beta2, step) => {
          const [m, v] = [beta1 * m0 + (1 - beta1) * g, beta2 * v0 + (1 - beta2) * g * g];
          const root = Math.sqrt(v / (1 - beta2 ** step)) + 1e-3;
          const expected = w - 0.25 * (m / (1 - beta1 ** step) / root + 0.5 * w);
          tf.tidy(() => {
            const next = adamwUpdate(
              tf.scalar(w),
              { mean: tf.scalar(m0), square: tf.scalar(v0) },
              tf.scalar(g),
              { learningRate: 0.25, step, beta1, beta2, epsilon: 1e-3, weightDecay: 0.5 },
            );
            const close = (tensor: tf.Tensor, value: number, scale: number) =>
              expect(Math.abs(tensor.dataSync()[0]! - value)).toBeLessThan(1e-6 * (1 + scale));
            close(next.mean, m, Math.abs(m0));
            close(next.square, v, v0 + g * g);
            const size = (Math.abs(m0) + Math.abs(g)) / (1 - beta1 ** step) / root;
            close(next.weight, expected, Math.abs(w) + size);
          });
        },
      ),
    );
  });

  test('numbers and scalar tensors give the same bits', () => {
    const moments = { mean: tf.scalar(0.5), square: tf.scalar(2) };
    const given = [tf.scalar(1), moments, tf.scalar(3)] as const;
    const a = adamwUpdate(...given, { learningRate: 0.1, step: 7 });
    const b = adamwUpdate(...given, { learningRate: tf.scalar(0.1), step: tf.scalar(7) });
    for (const name of ['weight', 'mean', 'square'] as const) {
      expect(b[name].dataSync()).toEqual(a[name].dataSync());
    }
  });

  test('returns three tensors, leaves nothing behind and the inputs alone', () => {
    const [weight, mean, square, gradient] = [1, 2, 3, 4].map((value) => tf.fill([3], value));
    const before = tf.memory().numTensors;
    const moments = { mean: mean!, square: square! };
    const next = adamwUpdate(weight!, moments, gradient!, { learningRate: 0.1, step: 1 });
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([next.weight, next.mean, next.square]);
    expect([weight, mean, square, gradient].map((one) => one!.dataSync()[0])).toEqual([1, 2, 3, 4]);
  });

  test('refuses shapes that broadcasting would let pass', () => {
    const weight = tf.ones([2, 2]);
    const options = { learningRate: 0.1, step: 1 };
    expect(() =>
      adamwUpdate(weight, { mean: weight, square: weight }, tf.ones([2]), options),
    ).toThrow("adamwUpdate: expected gradient of shape [2,2], the weight's, got [2].");
    expect(() =>
      adamwUpdate(weight, { mean: tf.scalar(0), square: weight }, weight, options),
    ).toThrow(/expected mean of shape/);
  });

  test.each([
    [{ beta1: 1 }, /0 <= beta1 < 1, got 1/],
    [{ beta2: -0.1 }, /0 <= beta2 < 1, got -0.1/],
    [{ beta2: Number.NaN }, /got NaN/],
    [{ epsilon: 0 }, /epsilon to be finite and at least 1e-30.* got 0/],
    [{ epsilon: Number.POSITIVE_INFINITY }, /got Infinity/],
    [{ weightDecay: -1e-4 }, /weightDecay to be finite and >= 0, got -0.0001/],
    [{ step: 0 }, /step to be at least 1, got 0/],
    [{ learningRate: Number.NaN }, /learningRate to be finite and >= 0, got NaN/],
  ])('refuses %o', (options, message) => {
    const one = tf.scalar(1);
    const call = () =>
      adamwUpdate(one, { mean: one, square: one }, one, { learningRate: 1, step: 1, ...options });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });
});
