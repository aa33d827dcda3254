import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { registerTensorFlowBackend } from './register.ts';

beforeEach(() => {
  if (tf.findBackend('tensorflow') !== null) tf.removeBackend('tensorflow');
});

test('with tfjs-core as the only tfjs package, ops and gradients run on TensorFlow', async () => {
  const backend = await registerTensorFlowBackend();
  expect(tf.getBackend()).toBe('tensorflow');
  expect(backend.version).toMatch(/^2\.\d+\.\d+/);
  expect(backend.libraryPath).toContain('libtensorflow_cc');
  expect(backend.devices.map(({ type }) => type)).toContain('CPU');
  const x = tf.tensor2d([[1, 2]]);
  const gradient = tf.grad((w) => tf.matMul(x, w as tf.Tensor2D))(tf.tensor2d([[3], [4]]));
  expect(await gradient.array()).toEqual([[1], [2]]);
});

test('it is registered once, and a later call makes it current again', async () => {
  const [first, second] = await Promise.all([
    registerTensorFlowBackend(),
    registerTensorFlowBackend(),
  ]);
  expect(second).toBe(first);
  tf.registerBackend('other', () => ({ dispose() {} }) as unknown as tf.KernelBackend);
  await tf.setBackend('other');
  expect(await registerTensorFlowBackend()).toBe(first);
  expect(tf.getBackend()).toBe('tensorflow');
  tf.removeBackend('other');
});

test('gradients that an import of @tensorflow/tfjs put back are replaced by the next call', async () => {
  await registerTensorFlowBackend();
  const ours = tf.getGradient('Relu');
  tf.registerGradient({ kernelName: 'Relu', gradFunc: () => ({}) });
  await registerTensorFlowBackend();
  expect(tf.getGradient('Relu')).toBe(ours);
});

test('the native handles are counted, and freed with their tensors', async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const x = tf.tensor1d([1, 2]);
  expect(nativeHandleCount()).toBe(0);
  const y = tf.square(x);
  expect(nativeHandleCount()).toBe(2);
  tf.dispose([x, y]);
  expect(nativeHandleCount()).toBe(0);
});

test('an op that fails leaves neither tensors nor handles behind', async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const before = [tf.memory().numTensors, nativeHandleCount()];
  const fail = () =>
    tf.tidy(() => tf.engine().runKernel('Add', { a: tf.ones([2]), b: tf.ones([3]) }));
  expect(fail).toThrow('Incompatible shapes');
  expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
});

test('after tf.removeBackend its tensors are gone, and it can be registered anew', async () => {
  const first = await registerTensorFlowBackend();
  const x = tf.square(tf.tensor1d([3]));
  tf.removeBackend('tensorflow');
  expect(first.nativeHandleCount()).toBe(0);
  expect(() => first.binding.createTensor([], 1, [1])).toThrow('Register it again');
  const second = await registerTensorFlowBackend();
  expect(second).not.toBe(first);
  x.dispose();
  expect(await tf.square(tf.tensor1d([3])).data()).toEqual(Float32Array.of(9));
});

test("a backend 'tensorflow' of another package is left alone, with a message", async () => {
  tf.registerBackend('tensorflow', () => ({ dispose() {} }) as unknown as tf.KernelBackend);
  await expect(registerTensorFlowBackend()).rejects.toThrow(
    /tfjs-node or tfjs-node-gpu is loaded. Remove its import/,
  );
});

test('a path without the library is an error that names it', async () => {
  const libraryPath = temporaryFolder();
  await expect(registerTensorFlowBackend({ libraryPath })).rejects.toThrow(libraryPath);
});

test('a number of threads out of range is an error', async () => {
  await expect(registerTensorFlowBackend({ intraOpThreads: 0 })).rejects.toThrow(
    'expected intraOpThreads to be a whole number from 1 to 1024, got 0',
  );
});
