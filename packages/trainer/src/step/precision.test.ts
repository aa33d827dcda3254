import { nativeDtype } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { choosePrecision, inPrecision } from './precision.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

const auto = { dtype: null, lossScale: null };
const withBfloat16 = new Set(['avx2', 'avx512_bf16']);
const without = new Set(['avx2']);

describe('choosePrecision', () => {
  test('is float32 where mixed precision is off', () => {
    expect(choosePrecision(null)).toBeNull();
  });

  test('takes what the device does fast, without loss scaling for bfloat16', () => {
    expect(choosePrecision(auto, withBfloat16)).toEqual({
      dtype: 'bfloat16',
      native: 'fast',
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
    expect(choosePrecision({ ...auto, dtype: 'float16' }, withBfloat16)).toEqual({
      dtype: 'float16',
      native: 'emulated',
      lossScale: 'dynamic',
    });
    expect(choosePrecision({ dtype: 'float16', lossScale: 1024 }, without)!.lossScale).toBe(1024);
  });

  test('does not believe a backend that computes in float32 only', async () => {
    await tf.setBackend('cpu');
    expect(() => choosePrecision({ ...auto, dtype: 'bfloat16' }, withBfloat16)).toThrow(
      /expected the backend 'tensorflow', got 'cpu'/,
    );
    await tf.setBackend('tensorflow');
  });
});

test('a step runs in the precision, and without one as it is', () => {
  const product = () => nativeDtype(tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  const precision = choosePrecision({ ...auto, dtype: 'bfloat16' }, withBfloat16);
  expect(inPrecision(precision, product)({})).toBe('bfloat16');
  expect(inPrecision(null, product)).toBe(product);
});
