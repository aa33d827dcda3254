import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replayCall } from './replay-call.ts';

let runs = 0;
const x = { dtype: 'float32' as const, shape: [2], values: Float32Array.of(1, 2) };

beforeAll(async () => {
  await registerTensorFlowBackend();
  tf.registerKernel({
    kernelName: 'Counts',
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => tf.add(inputs.x as tf.Tensor, runs++ * (attrs?.step as number))),
  });
});
afterAll(() => tf.unregisterKernel('Counts', 'tensorflow'));

const count = (step: number) =>
  replayCall({ kernel: 'Counts', inputs: { x }, attributes: { step } });

test('a graph with other values is told, with the first of them', async () => {
  runs = 0;
  expect(await count(1)).toEqual({ status: 'different', detail: '2 instead of 1' });
});

test('rounding is told from the same bits', async () => {
  runs = 0;
  expect(await count(1e-6)).toEqual({ status: 'close' });
  expect(await count(0)).toEqual({ status: 'same' });
});

test('lists of inputs, complex numbers and strings are replayed, and no tensor is left', async () => {
  const before = tf.memory().numTensors;
  const z = { dtype: 'complex64' as const, shape: [1], values: Float32Array.of(3, -4) };
  const a = { dtype: 'string' as const, shape: [2], values: ['a', 'b'].map((s) => Buffer.from(s)) };
  const list = { kernel: 'AddN', inputs: [x, x], attributes: undefined };
  expect(await replayCall(list)).toEqual({ status: 'same' });
  const complex = { kernel: 'Multiply', inputs: { a: z, b: z }, attributes: undefined };
  expect((await replayCall(complex)).status).toMatch(/same|close/);
  const strings = { kernel: 'Equal', inputs: { a, b: a }, attributes: undefined };
  expect(await replayCall(strings)).toEqual({ status: 'same' });
  expect(tf.memory().numTensors).toBe(before);
});
