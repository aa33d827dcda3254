import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { autocast, nativeDtype } from '../index.ts';

test.each(['reset', 'removeBackend'])('autocast works in the context after %s', async (how) => {
  await registerTensorFlowBackend();
  const product = () =>
    autocast({ dtype: 'bfloat16' }, () => {
      const y = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]));
      expect(nativeDtype(y)).toBe('bfloat16');
      return y;
    });
  product();
  if (how === 'reset') tf.engine().reset();
  else tf.removeBackend('tensorflow');
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const y = product();
  expect(await y.array()).toEqual([
    [3, 3],
    [3, 3],
  ]);
  y.dispose();
  expect(nativeHandleCount()).toBe(0);
});
