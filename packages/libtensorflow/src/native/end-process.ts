import type { LibraryHandle } from 'koffi';
import { koffi } from './koffi.ts';

/**
 * Ends the process at once, without its exit handlers. `process.exit` waits for calls on other threads, and one of TensorFlow that needs
 * another process, which is gone, may never return.
 */
export function endProcess(
  code: number,
  os: string = process.platform,
  open: (library: string | null) => LibraryHandle = (library) => koffi.load(library),
): never {
  let end: (code: number) => void;
  try {
    // Node's own program does not export it on Windows, as under Wine was seen.
    end = open(os === 'win32' ? 'ucrtbase.dll' : null).func('void _exit(int)');
  } catch {
    // Without native code there is no call of it to wait for.
    process.exit(code);
  }
  end(code);
  throw new Error('endProcess: expected the process to end, it goes on.');
}
