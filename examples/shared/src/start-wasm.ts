import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';

/**
 * Sets the backend wasm, with a thread for every core where the page may share memory. By itself it takes half of the cores that the browser
 * says it has, and setThreadsCount cannot raise that; so the browser says twice as many while it starts.
 */
export async function startWasm(): Promise<boolean> {
  setWasmPaths(new URL('wasm/', document.baseURI).href);
  const value = 2 * navigator.hardwareConcurrency;
  Object.defineProperty(navigator, 'hardwareConcurrency', { value, configurable: true });
  try {
    return await setBackend('wasm');
  } finally {
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
  }
}
