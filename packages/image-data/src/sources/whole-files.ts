import { basename } from 'node:path';
import type { FileListing } from '../source.ts';

/** The listing of files that hold many images each. */
export const wholeFiles = (paths: readonly string[]): FileListing => ({
  count: paths.length,
  at: (index) => ({ name: basename(paths[index]!), label: null, path: () => paths[index]! }),
});
