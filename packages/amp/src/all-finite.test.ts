import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { allFinite } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));

const isAllFinite = (gradients: tf.NamedTensorMap) =>
  tf.tidy(() => allFinite(gradients).dataSync()[0] === 1);

describe('allFinite', () => {
  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    'finds one %d among many',
    (bad) => {
      const values = Array.from({ length: 24 }, (_, i) => (i === 17 ? bad : i));
      const gradients = { kernel: tf.tensor(values, [2, 3, 2, 2]), bias: tf.ones([3]) };
      expect(isAllFinite(gradients)).toBe(false);
      expect(isAllFinite({ bias: gradients.bias })).toBe(true);
      tf.dispose(gradients);
    },
  );

  test.each([0, 1, 2, 3])('finds a bad element in gradient %i of large and small ones', (bad) => {
    const sizes = [2 ** 16 + 1, 5, 2 ** 17, 1];
    const gradients = sizes.map((size, i) => {
      const values = new Float32Array(size).fill(1);
      if (i === bad) values[size - 1] = Number.NaN;
      return tf.tensor1d(values);
    });
    const named = Object.fromEntries(gradients.map((gradient, i) => [`g${i}`, gradient]));
    expect(isAllFinite(named)).toBe(false);
    delete named[`g${bad}`];
    expect(isAllFinite(named)).toBe(true);
    tf.dispose(gradients);
  });

  test('is true for the largest float32 values, whose sum is not finite', () => {
    expect(isAllFinite({ a: tf.tensor1d([3.4e38, 3.4e38]) })).toBe(true);
  });

  test('is not fooled by infinities that cancel', () => {
    expect(
      isAllFinite({ a: tf.tensor1d([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) }),
    ).toBe(false);
  });

  test('is true for scalars and for tensors without elements', () => {
    expect(isAllFinite({ scalar: tf.scalar(1), empty: tf.zeros([0, 3]) })).toBe(true);
    expect(isAllFinite({ empty: tf.zeros([0, 3]) })).toBe(true);
  });

  test('agrees with Number.isFinite on any values', () => {
    const value = fc.float({ noDefaultInfinity: false, noNaN: false });
    const lists = fc.array(fc.array(value, { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(lists, (values) => {
        const gradients = Object.fromEntries(values.map((list, i) => [`g${i}`, tf.tensor1d(list)]));
        expect(isAllFinite(gradients)).toBe(values.flat().every(Number.isFinite));
        tf.dispose(gradients);
      }),
    );
  });

  test('returns one bool scalar and leaves nothing behind', () => {
    const gradients = { a: tf.ones([2, 2]), b: tf.ones([3]) };
    const before = tf.memory().numTensors;
    const finite = allFinite(gradients);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(finite.dtype).toBe('bool');
    expect(finite.shape).toEqual([]);
    tf.dispose([gradients, finite]);
  });

  test('refuses an empty map, a null and a tensor that is no gradient', () => {
    expect(() => allFinite({})).toThrow('allFinite: expected at least one gradient, got none.');
    expect(() => allFinite({ a: null } as unknown as tf.NamedTensorMap)).toThrow(
      "allFinite: expected gradient 'a' to be a float32 tensor, got null.",
    );
    expect(() => allFinite({ a: tf.scalar(1, 'int32') })).toThrow(/'a' .* got int32/);
  });
});
