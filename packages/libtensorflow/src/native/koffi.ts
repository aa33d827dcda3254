import { createRequire } from 'node:module';
import type koffi from 'koffi';

const require = createRequire(import.meta.url);

/**
 * koffi, which calls native code. Loaded when it is asked for: whoever imports this package where native code may not be loaded, as in Deno
 * without the right to, still has the rest of it.
 *
 * @throws Error - if it does not load here, with the reason and what to do.
 */
export function loadKoffi(): typeof koffi {
  try {
    return require('koffi') as typeof koffi;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `loadKoffi: expected koffi, by which TensorFlow's C library is called, to load, but: ${reason}. ` +
        'In Deno give the right --allow-ffi; elsewhere install the dependencies again, the optional ones too.',
      { cause },
    );
  }
}
