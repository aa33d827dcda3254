import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { findLibrary } from '../library/find.ts';
import { openTensorFlow } from '../native/open.ts';
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

test('after tf.engine().reset() a new context serves, by tfjs alone or registered again', async () => {
  const backend = await registerTensorFlowBackend();
  const { binding, nativeHandleCount } = backend;
  const alive = tf.square(tf.tensor1d([1, 2]));
  tf.engine().reset();
  expect(binding.isDisposed).toBe(true);
  await tf.setBackend('tensorflow');
  expect(backend.binding).not.toBe(binding);
  expect(nativeHandleCount()).toBe(0);
  const x = tf.tensor1d([3]);
  const y = tf.square(x);
  expect(await y.data()).toEqual(Float32Array.of(9));
  // What lived in the context that is gone is not ours to free, nor an error to dispose of.
  alive.dispose();
  expect(nativeHandleCount()).toBe(2);
  tf.dispose([x, y]);
  expect(nativeHandleCount()).toBe(0);

  tf.engine().reset();
  expect(await registerTensorFlowBackend()).toBe(backend);
  expect(await tf.square(tf.tensor1d([4])).data()).toEqual(Float32Array.of(16));
});

test("tfjs's factory hands out a live backend: the same while it lives, a new one when it was disposed of", async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const factory = tf.findBackendFactory('tensorflow');
  const first = tf.backend();
  expect(factory()).toBe(first);
  tf.removeBackend('tensorflow');
  tf.registerBackend('tensorflow', factory);
  await tf.setBackend('tensorflow');
  expect(tf.backend()).not.toBe(first);
  expect(await tf.square(tf.tensor1d([3])).data()).toEqual(Float32Array.of(9));
  expect(nativeHandleCount()).toBe(2);
});

test('each context is deleted once, with all that lived in it', async () => {
  const { api } = openTensorFlow(await findLibrary());
  const made = vi.spyOn(api, 'TFE_NewContext');
  const deleted = vi.spyOn(api, 'TFE_DeleteContext');
  const handles = vi.spyOn(api, 'TFE_DeleteTensorHandle');
  try {
    const { binding } = await registerTensorFlowBackend();
    for (let round = 0; round < 3; round++) {
      tf.variable(tf.square(tf.tensor1d([round])));
      tf.engine().reset();
      await tf.setBackend('tensorflow');
    }
    tf.removeBackend('tensorflow');
    binding.dispose();
    expect(made).toHaveBeenCalledTimes(4);
    expect(deleted).toHaveBeenCalledTimes(4);
    // The input and the square.
    expect(handles).toHaveBeenCalledTimes(6);
  } finally {
    vi.restoreAllMocks();
  }
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
