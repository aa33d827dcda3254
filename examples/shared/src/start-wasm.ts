import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';

/**
 * Sets the backend wasm. Where the page may share memory it takes a thread for every second core, as a core often computes two threads; of two
 * cores it then would use one, and setThreadsCount cannot raise that. So a browser of two cores says that it has four while it starts.
 */
export async function startWasm(): Promise<boolean> {
  setWasmPaths(new URL('wasm/', document.baseURI).href);
  const cores = navigator.hardwareConcurrency;
  const value = cores > 1 ? Math.max(cores, 4) : cores;
  Object.defineProperty(navigator, 'hardwareConcurrency', { value, configurable: true });
  try {
    return await setBackend('wasm');
  } finally {
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
  }
}
