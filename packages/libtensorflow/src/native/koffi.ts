import { createRequire } from 'node:module';
import type Koffi from 'koffi';

const require = createRequire(import.meta.url);

/**
 * koffi, loaded when something of it is first used: where no native code may run, such as in Deno without `--allow-ffi`, or where koffi has
 * no binary, what imports this package still works on other backends.
 *
 * @throws Error - at that use, if koffi does not load here, with the reason and what to do.
 */
export const koffi = new Proxy({} as typeof Koffi, {
  get: (_, name) => load()[name as keyof typeof Koffi],
});

function load(): typeof Koffi {
  try {
    return require('koffi') as typeof Koffi;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `koffi: expected what calls TensorFlow's C library to load, but: ${reason}. ` +
        'In Deno give the right --allow-ffi; elsewhere install the dependencies again, the optional ones too.',
      { cause },
    );
  }
}
