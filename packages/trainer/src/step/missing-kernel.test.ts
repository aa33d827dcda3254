import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { readOutputs } from './eager-runner.ts';
import { explainMissingKernel } from './missing-kernel.ts';

test('a kernel that a backend lacks is named, with what to do', async () => {
  await tf.setBackend('cpu');
  const draw = () => ({ sum: tf.engine().runKernel('NoSuchKernel', { x: tf.scalar(1) }) });
  await expect(readOutputs(draw as never)).rejects.toThrow(
    /expected cpu to have the kernel NoSuchKernel.*Use another backend/,
  );
  const found = "Cannot find registered kernel 'Einsum' for backend 'wasm'";
  expect(String(explainMissingKernel(new Error(found)))).toMatch(/wasm to have the kernel Einsum/);
});

test('other errors stay as they are', () => {
  const error = new Error('of the step');
  expect(explainMissingKernel(error)).toBe(error);
  expect(explainMissingKernel('text')).toBe('text');
});
