import { describe, expect, test } from 'vitest';
import type { LowPrecision } from './autocast/low-precision.ts';
import { describePrecision, resolvePrecision } from './precision-settings.ts';

const auto = { dtype: null, lossScale: null };
/** A device on which `fast` is. */
const device = (fast?: LowPrecision) => ({ fastPrecision: () => fast });
const without = device();

describe('what is left open', () => {
  test('becomes what the device does fast, without loss scaling for bfloat16', () => {
    expect(resolvePrecision(auto, device('bfloat16'))).toEqual({
      dtype: 'bfloat16',
      lossScale: null,
    });
  });

  test('is an error that says how to force one where the device does none fast', () => {
    expect(() => resolvePrecision(auto, without)).toThrow(
      /amp: expected a device that computes in float16 or bfloat16 fast.*--no-amp.*--amp-dtype bfloat16/,
    );
  });

  test('is what is named, with a dynamic scale for float16', () => {
    const named = (dtype: 'bfloat16' | 'float16', lossScale: number | null = null) =>
      resolvePrecision({ dtype, lossScale }, without);
    expect(named('bfloat16')).toEqual({ dtype: 'bfloat16', lossScale: null });
    expect(named('float16')).toEqual({ dtype: 'float16', lossScale: 'dynamic' });
    expect(named('float16', 1024).lossScale).toBe(1024);
  });
});

test('a run says what its precision is, and warns where it is emulated, and why', () => {
  const fast = { native: 'fast', error: 0.0017, timeOverFloat32: 0.6 } as const;
  expect(describePrecision(auto, { dtype: 'bfloat16', ...fast })).toEqual([
    'mixed precision: bfloat16, loss scale: none',
  ]);
  const slow = (error: number | null, timeOverFloat32: number | null) =>
    describePrecision(
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

test('a run says whose kernels compute where that was asked for, and warns of nothing', () => {
  const slow = {
    dtype: 'float16',
    native: 'emulated',
    error: null,
    timeOverFloat32: null,
  } as const;
  const said = (asked: 'fast' | 'emulated') => describePrecision({ ...auto, native: asked }, slow);
  expect(said('fast')).toEqual([
    "mixed precision: float16, loss scale: none, by the device's own kernels, as asked for",
  ]);
  expect(said('emulated')).toEqual([
    'mixed precision: float16, loss scale: none, computed in float32 on operands rounded to it, as asked for',
  ]);
});
