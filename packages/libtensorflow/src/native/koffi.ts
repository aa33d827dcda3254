import { createRequire } from 'node:module';
import type Koffi from 'koffi';

const require = createRequire(import.meta.url);

/**
 * koffi, loaded when something of it is first used: where no native code may run, such as in Deno without `--allow-ffi`, or where koffi has
 * no binary, what imports this package still works on other backends.
 */
export const koffi = new Proxy({} as typeof Koffi, {
  get: (_, name) => (require('koffi') as typeof Koffi)[name as keyof typeof Koffi],
});
