import { nativeDtype } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { amp, precisionNotes, resolveAmp } from './amp.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

const auto = { dtype: null, lossScale: null };
const withBfloat16 = new Set(['avx2', 'avx512_bf16']);
const without = new Set(['avx2']);

describe('what is left open', () => {
  test('becomes what the device does fast, without loss scaling for bfloat16', () => {
    expect(resolveAmp(auto, withBfloat16)).toEqual({ dtype: 'bfloat16', lossScale: null });
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
    const settings = { dtype: 'bfloat16', lossScale: null } as const;
    expect(() => precisionNotes(settings, withBfloat16)).toThrow(
      /expected the backend 'tensorflow', got 'cpu'/,
    );
    await tf.setBackend('tensorflow');
  });
});

test('a run says what its precision is, and warns where it is emulated', () => {
  const fast = precisionNotes({ dtype: 'bfloat16', lossScale: null }, withBfloat16);
  expect(fast).toEqual({
    lines: ['mixed precision: bfloat16, loss scale: none'],
    environment: { precision: { dtype: 'bfloat16', native: 'fast' } },
  });
  const slow = precisionNotes({ dtype: 'float16', lossScale: 'dynamic' }, withBfloat16);
  expect(slow).toEqual({
    lines: [
      'mixed precision: float16, loss scale: dynamic',
      'Warning: this device emulates float16, slower than float32. --no-amp is faster',
    ],
    environment: { precision: { dtype: 'float16', native: 'emulated' } },
  });
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
