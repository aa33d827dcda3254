import { homedir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import type { LibraryTarget } from './platform.ts';
import type { LibraryFlavour } from './requirements.ts';

/** The folder for everything that bag-of-tricks keeps for this user, as the system `os` has it; `XDG_CACHE_HOME` counts on all. */
export function cacheRoot(
  env: NodeJS.ProcessEnv = process.env,
  os: string = process.platform,
  home = homedir(),
): string {
  const path = os === 'win32' ? win32 : posix;
  const base = env.XDG_CACHE_HOME;
  // A relative path there is invalid by the XDG rules and is to be ignored.
  if (base !== undefined && path.isAbsolute(base)) return path.join(base, 'bag-of-tricks');
  if (os === 'darwin') return path.join(home, 'Library', 'Caches', 'bag-of-tricks');
  if (os !== 'win32') return path.join(home, '.cache', 'bag-of-tricks');
  return path.join(
    env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'),
    'bag-of-tricks',
    'Cache',
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
