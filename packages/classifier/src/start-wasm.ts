import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';

/**
 * Sets TensorFlow.js's backend `wasm`, with so many threads where the page may share memory between them (cross-origin isolation), else
 * with one.
 *
 * By itself the backend takes at most half of the cores that the browser says it has, so one of two, and `setThreadsCount` cannot raise that:
 * the browser says twice as many as wanted while it starts. `tf_efficientnet_lite0` is 1.4 times as fast with two threads on two cores.
 *
 * @param folder - where `tfjs-backend-wasm*.wasm` of `@tensorflow/tfjs-backend-wasm` are served, such as `/wasm/`.
 * @param threads - default: half of the cores that the browser says it has, for these often count twice, but two of two or three.
 * @returns whether the backend started.
 */
export async function startWasm(
  folder: string,
  threads: number = threadsFor(navigator.hardwareConcurrency),
): Promise<boolean> {
  setWasmPaths(folder);
  setThreadsCount(threads);
  const cores = { value: 2 * threads, configurable: true };
  Object.defineProperty(navigator, 'hardwareConcurrency', cores);
  try {
    return await setBackend('wasm');
  } finally {
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
  }
}

const threadsFor = (cores: number) => Math.min(cores, Math.max(2, Math.floor(cores / 2)));
