import { nativeDtype } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { amp } from './amp.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
});

test('a type that is named is not believed of a backend that computes in float32 only', async () => {
  await tf.setBackend('cpu');
  const { definition, settings } = amp({ dtype: 'bfloat16' });
  expect(() => definition.build!(settings as never, {} as never)).toThrow(
    /expected the backend 'tensorflow', got 'cpu'/,
  );
  await tf.setBackend('tensorflow');
});

test('a step that was skipped is noted with the scale from then on', async () => {
  const { definition, settings } = amp({ dtype: 'float16' });
  const { afterStep, skips, dispose } = await definition.build!(settings as never, {} as never);
  expect(skips).toBe(true);
  const values = { skipped: 1, lossScale: 2048, skippedSteps: 3 };
  expect(afterStep!(values, 2)).toBe(
    'Skipped: step 2, a gradient overflowed. Loss scale from now on: 2048; 3 skipped so far',
  );
  expect(afterStep!({ ...values, skipped: 0 }, 3)).toBeUndefined();
  dispose!();
});

test('training and evaluation steps run in the precision', async () => {
  const { definition, settings } = amp({ dtype: 'bfloat16' });
  const { step, skips, evaluate } = await definition.build!(settings as never, {} as never);
  const product = () => nativeDtype(tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  expect(skips).toBeUndefined();
  for (const wrap of [step, evaluate]) {
    expect(wrap!(product as never)({} as never, {} as never)).toBe('bfloat16');
  }
  expect(product()).toBe('float32');
});
