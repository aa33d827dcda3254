import { loadKoffi } from './koffi.ts';

/**
 * Ends the process at once, without its exit handlers. `process.exit` waits for calls on other threads, and one of TensorFlow that needs
 * another process, which is gone, may never return.
 */
export function endProcess(code: number): never {
  loadKoffi().load(null).func('void _exit(int)')(code);
  throw new Error('endProcess: expected the process to end, it goes on.');
}
