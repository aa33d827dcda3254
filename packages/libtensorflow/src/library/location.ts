import type { LibraryAttempt } from './errors.ts';

/** Where a library came from, in the order in which `findLibrary` looks. */
export type LibrarySource = 'environment' | 'cache' | 'installed' | 'tfjs-node';

/** A usable TensorFlow C library on this machine. */
export interface LibraryLocation {
  readonly source: LibrarySource;
  /** The folder that holds both libraries. */
  readonly directory: string;
  /** The library with the C API; to be opened last. */
  readonly corePath: string;
  readonly frameworkPath: string;
  /** Libraries to open with `RTLD_GLOBAL` before the others, in this order (CUDA's; empty without). */
  readonly preload: readonly string[];
  /** TensorFlow's version where the folder tells it; `TF_Version()` tells it in any case. */
  readonly version?: string;
  /** The places that were looked at before, and why they were passed over. */
  readonly tried: readonly LibraryAttempt[];
}
