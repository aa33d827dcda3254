import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { LibraryTarget } from './platform.ts';
import type { LibraryFlavour } from './requirements.ts';

/** The folder for everything that bag-of-tricks keeps for this user, as the XDG rules say. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  // A relative path there is invalid by the XDG rules and is to be ignored.
  return join(
    base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'),
    'bag-of-tricks',
  );
}

/** The folder of one build of the library inside the cache. */
export function libraryFolder(
  cacheDir: string,
  version: string,
  target: LibraryTarget,
  flavour: LibraryFlavour,
): string {
  return join(cacheDir, `libtensorflow-${version}-${target}-${flavour}`);
}
