import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataType } from '../proto/tensorflow.generated.ts';
import { storeWeight, toHalf } from './weights.ts';

const float = (values: Float32Array, shape: number[]) => ({
  ...{ dtype: DataType.DT_FLOAT, shape, values },
});

/** What TensorFlow.js makes of stored bytes. */
const decoded = ({ entry, bytes }: ReturnType<typeof storeWeight>) =>
  tf.tidy(() => {
    const whole = Uint8Array.from(bytes).buffer;
    return tf.io
      .decodeWeights(whole, [entry as tf.io.WeightsManifestEntry])
      [entry.name]!.dataSync();
  });

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true, max: 65504, min: -65504 });

test('a float16 is the nearest one, as TensorFlow.js reads it', () => {
  fc.assert(
    fc.property(anyFloat, (value) => {
      const stored = storeWeight('w', float(Float32Array.of(value, 0), [2, 1]), 'float16', false);
      const [read] = decoded(stored);
      const step = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(value) || 1e-9)) - 10);
      expect(Math.abs(read! - value)).toBeLessThanOrEqual(step / 2);
    }),
  );
  // Ties to even, the least number, the smallest one of full precision, and what is too large.
  const cases = {
    [1 + 2 ** -11]: 0x3c00,
    [1 + 3 * 2 ** -11]: 0x3c02,
    [2 ** -24]: 1,
    [2 ** -14]: 0x400,
  };
  for (const [value, bits] of Object.entries(cases)) expect(toHalf(Number(value))).toBe(bits);
  expect([toHalf(-2), toHalf(1e9), toHalf(-0)]).toEqual([0xc000, 0x7bff, 0x8000]);
});

test('a uint8 is within half a step of the value, and zero stays zero', () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 2, maxLength: 20, min: -1000, max: 1000, noNaN: true }),
      (values) => {
        values[0] = 0;
        const stored = storeWeight('w', float(values, [values.length, 1]), 'uint8', false);
        const { scale } = stored.entry.quantization!;
        decoded(stored).forEach((read, i) => {
          expect(Math.abs(read - values[i]!)).toBeLessThanOrEqual(scale! / 2 + 1e-4);
          if (values[i] === 0) expect(read).toBe(0);
        });
      },
    ),
  );
});

test('biases, whole numbers and kernels of one value stay what they are', () => {
  const bias = storeWeight('b', float(Float32Array.of(0.1, 0.2), [2]), 'uint8', false);
  expect(bias.entry).toEqual({ name: 'b', shape: [2], dtype: 'float32' });
  const shape = { dtype: DataType.DT_INT32, shape: [2, 1], values: Int32Array.of(-1, 1000) };
  expect(decoded(storeWeight('s', shape, 'uint8', false))).toEqual(shape.values);
  const zeros = float(new Float32Array(4), [2, 2]);
  expect(decoded(storeWeight('z', zeros, 'uint8', false))).toEqual(zeros.values);
});
