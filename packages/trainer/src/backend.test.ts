import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, onTestFinished, test } from 'vitest';
import { openBackend } from './backend.ts';

const lines: string[] = [];
const onProgress = (line: string) => void lines.push(line);

test('a typo is met with the nearest name, another name with those there are', async () => {
  await expect(openBackend({ name: 'wsam' })).rejects.toThrow(
    "backend: expected tensorflow, cpu, wasm or one that was registered by tf.registerBackend, got 'wsam'. Did you mean 'wasm'?",
  );
  await expect(openBackend({ name: 'vulkan' })).rejects.toThrow(
    /got 'vulkan'\. Import its package before, or in a --plugin/,
  );
});

test('a package that is not installed is named with the line that installs it', async () => {
  const missing = (module: string) =>
    Object.assign(new Error(`Cannot find package '${module}' imported from here`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
  const load = (module: string) => Promise.reject(missing(module));
  // Another file of this process may have it.
  const registered = tf.findBackendFactory('wasm');
  if (registered) {
    tf.removeBackend('wasm');
    onTestFinished(() => void tf.registerBackend('wasm', registered));
  }
  await expect(openBackend({ name: 'wasm', load })).rejects.toThrow(
    'backend: expected the package @tensorflow/tfjs-backend-wasm for wasm, which is not installed. Run: npm install @tensorflow/tfjs-backend-wasm@4.22.0',
  );
  const broken = () => Promise.reject(missing('of-its-own'));
  await expect(openBackend({ name: 'wasm', load: broken })).rejects.toThrow(/of-its-own/);
});

test('one that was registered is used, and said to be slow once', async () => {
  tf.registerBackend('mine', () => tf.findBackendFactory('cpu')() as tf.KernelBackend);
  tf.copyRegisteredKernels('cpu', 'mine');
  const backend = await openBackend({ name: 'mine', onProgress });
  expect(backend).toEqual({ name: 'mine', version: '4.22.0', devices: ['mine'], gpuMemory: null });
  expect(tf.getBackend()).toBe('mine');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Backend mine: steps run op by op.*many times slower/);
  await openBackend({ name: 'cpu', onProgress });
  expect(lines[1]).toMatch(/about 200 times.*Ctrl-C is not heard.*--batch-size/);
  const gradient = tf.grad((x) => tf.square(x))(tf.scalar(3));
  expect(gradient.dataSync()[0]).toBe(6);
});

test('one that does not start here is refused', async () => {
  tf.registerBackend('absent', () => {
    throw new Error('no such device');
  });
  await expect(openBackend({ name: 'absent' })).rejects.toThrow(
    'backend: expected one that starts here, but TensorFlow.js cannot start absent. Use another: --backend wasm',
  );
});
