import { type LowPrecision, nativeDtype } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { choosePrecision, type Device, inPrecision } from './precision.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

const auto = { dtype: null, lossScale: null };
/** A device on which `fast` is. */
const device = (fast?: LowPrecision): Device => ({
  fastPrecision: () => fast,
  probePrecision: ({ dtype }) =>
    dtype === fast
      ? { dtype, native: 'fast', error: 0.0017, timeOverFloat32: 0.6 }
      : { dtype, native: 'emulated', error: 0.012, timeOverFloat32: null },
});
const withBfloat16 = device('bfloat16');
const without = device();

describe('choosePrecision', () => {
  test('is float32 where mixed precision is off', () => {
    expect(choosePrecision(null)).toBeNull();
  });

  test('takes what the device does fast, without loss scaling for bfloat16', () => {
    expect(choosePrecision(auto, withBfloat16)).toEqual({
      dtype: 'bfloat16',
      native: 'fast',
      error: 0.0017,
      timeOverFloat32: 0.6,
      lossScale: null,
    });
  });

  test('is an error that says how to force one where the device does none fast', () => {
    expect(() => choosePrecision(auto, without)).toThrow(
      /amp: expected a device that computes in float16 or bfloat16 fast.*--no-amp.*--amp-dtype bfloat16/,
    );
  });

  test('takes the one that is named, and says that it is emulated', () => {
    expect(choosePrecision({ ...auto, dtype: 'bfloat16' }, without)!.native).toBe('emulated');
    expect(choosePrecision({ ...auto, dtype: 'float16' }, withBfloat16)).toMatchObject({
      dtype: 'float16',
      native: 'emulated',
      lossScale: 'dynamic',
    });
    expect(choosePrecision({ dtype: 'float16', lossScale: 1024 }, without)!.lossScale).toBe(1024);
  });

  test('does not believe a backend that computes in float32 only', async () => {
    await tf.setBackend('cpu');
    expect(() => choosePrecision({ ...auto, dtype: 'bfloat16' })).toThrow(
      /expected the backend 'tensorflow', got 'cpu'/,
    );
    await tf.setBackend('tensorflow');
  });
});

test('a step runs in the precision, and without one as it is', () => {
  const product = () => nativeDtype(tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  for (const { probePrecision } of [withBfloat16, without]) {
    const precision = { ...probePrecision({ dtype: 'bfloat16' }), lossScale: null };
    expect(inPrecision(precision, product)({})).toBe('bfloat16');
  }
  expect(inPrecision(null, product)).toBe(product);
});
