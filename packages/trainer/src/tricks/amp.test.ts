import { type LowPrecision, nativeDtype } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { amp, precisionLines, resolveAmp } from './amp.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

const auto = { dtype: null, lossScale: null };
/** A device on which `fast` is. */
const device = (fast?: LowPrecision) => ({ fastPrecision: () => fast });
const without = device();

describe('what is left open', () => {
  test('becomes what the device does fast, without loss scaling for bfloat16', () => {
    expect(resolveAmp(auto, device('bfloat16'))).toEqual({ dtype: 'bfloat16', lossScale: null });
  });

  test('is an error that says how to force one where the device does none fast', () => {
    expect(() => resolveAmp(auto, without)).toThrow(
      /amp: expected a device that computes in float16 or bfloat16 fast.*--no-amp.*--amp-dtype bfloat16/,
    );
  });

  test('is what is named, with a dynamic scale for float16', () => {
    const named = (dtype: 'bfloat16' | 'float16', lossScale: number | null = null) =>
      resolveAmp({ dtype, lossScale }, without);
    expect(named('bfloat16')).toEqual({ dtype: 'bfloat16', lossScale: null });
    expect(named('float16')).toEqual({ dtype: 'float16', lossScale: 'dynamic' });
    expect(named('float16', 1024).lossScale).toBe(1024);
  });

  test('is not believed of a backend that computes in float32 only', async () => {
    await tf.setBackend('cpu');
    const { definition, settings } = amp({ dtype: 'bfloat16' });
    expect(() => definition.build!(settings as never, {} as never)).toThrow(
      /expected the backend 'tensorflow', got 'cpu'/,
    );
    await tf.setBackend('tensorflow');
  });
});

test('a run says what its precision is, and warns where it is emulated, and why', () => {
  const fast = { native: 'fast', error: 0.0017, timeOverFloat32: 0.6 } as const;
  expect(precisionLines(auto, { dtype: 'bfloat16', ...fast })).toEqual([
    'mixed precision: bfloat16, loss scale: none',
  ]);
  const slow = (error: number | null, timeOverFloat32: number | null) =>
    precisionLines(
      { dtype: 'float16', lossScale: 'dynamic' },
      { dtype: 'float16', native: 'emulated', error, timeOverFloat32 },
    );
  expect(slow(0.00021, 80.3)).toEqual([
    'mixed precision: float16, loss scale: dynamic, computed in float32 on operands rounded to it',
    "Warning: this device's own convolutions in float16 take 80 times as long as in float32. So it is emulated, exact but slower than float32. --no-amp is faster",
  ]);
  expect(slow(0.00147, null)[1]).toContain('float16 have an error of 0.0015. So');
  expect(slow(null, null)[1]).toContain('float16 fail. So');
});

test('a step that was skipped is noted with the scale from then on', async () => {
  const { definition, settings } = amp({ dtype: 'float16' });
  const { afterStep, dispose } = await definition.build!(settings as never, {} as never);
  const values = { skipped: 1, lossScale: 2048, skippedSteps: 3 };
  expect(afterStep!(values, 2)).toBe(
    'Skipped: step 2, a gradient overflowed. Loss scale from now on: 2048; 3 skipped so far',
  );
  expect(afterStep!({ ...values, skipped: 0 }, 3)).toBeUndefined();
  dispose!();
});

test('training and evaluation steps run in the precision', async () => {
  const { definition, settings } = amp({ dtype: 'bfloat16' });
  const { step, evaluate } = await definition.build!(settings as never, {} as never);
  const product = () => nativeDtype(tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  for (const wrap of [step, evaluate]) {
    expect(wrap!(product as never)({} as never, {} as never)).toBe('bfloat16');
  }
  expect(product()).toBe('float32');
});
