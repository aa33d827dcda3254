import type { LibraryHandle } from 'koffi';
import { eagerPrototypes } from './eager-prototypes.ts';
import { graphPrototypes } from './graph-prototypes.ts';
import { declareTypes, type FunctionsOf } from './prototype.ts';
import { tensorPrototypes } from './tensor-prototypes.ts';

const prototypes = { ...tensorPrototypes, ...eagerPrototypes, ...graphPrototypes };

/** TensorFlow's C API: each function under its own C name, so that TensorFlow's headers are its documentation. */
export type TensorFlowApi = FunctionsOf<typeof prototypes>;

/**
 * Binds every prototype to the function of that name in the library, and `memcpy` to that of the C library.
 *
 * @throws if the library lacks one of them: it is then not the TensorFlow that this package was made for.
 */
export function bindApi(library: LibraryHandle, libc: LibraryHandle): TensorFlowApi {
  declareTypes();
  const functions: Record<string, unknown> = {};
  for (const [name, { c }] of Object.entries(prototypes)) {
    functions[name] = (name === 'memcpy' ? libc : library).func(c);
  }
  return functions as TensorFlowApi;
}
