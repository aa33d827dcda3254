import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cacheRoot, libraryFolder } from './cache.ts';
import { type LibraryAttempt, LibraryNotFoundError } from './errors.ts';
import { type FolderResult, inspectFolder, inspectInstallation } from './folder.ts';
import { type InstallLibraryOptions, installLibrary } from './install.ts';
import { libraryNames } from './library-names.ts';
import type { LibraryLocation, LibrarySource } from './location.ts';
import {
  currentPlatform,
  type LibraryTarget,
  libraryTarget,
  type Machine,
  type Platform,
} from './platform.ts';
import { pinnedRequirements } from './requirements.ts';

export interface FindLibraryOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Default: `$XDG_CACHE_HOME/bag-of-tricks`, else `~/.cache/bag-of-tricks`. */
  readonly cacheDir?: string;
  /** Where to look for an official tfjs-node from. Default: the working directory. */
  readonly projectDir?: string;
  /** Install the library when the cache has none. Default: `false`. */
  readonly install?: false | Omit<InstallLibraryOptions, 'env' | 'cacheDir' | 'platform'>;
  readonly platform?: Platform;
}

/**
 * Finds TensorFlow's C library: `LIBTENSORFLOW_PATH` (the folder or the file), then the user's cache,
 * then, if `install` is given, pip, then what an official tfjs-node-gpu or tfjs-node left.
 *
 * @example
 * const { corePath, version } = await findLibrary();
 *
 * @throws LibraryNotFoundError - naming each place, why it was passed over and what to do. A
 * `LIBTENSORFLOW_PATH` that does not hold the library is an error at once: nothing replaces it silently.
 */
export async function findLibrary({
  env = process.env,
  cacheDir = cacheRoot(env),
  projectDir = process.cwd(),
  install = false,
  platform = currentPlatform(),
}: FindLibraryOptions = {}): Promise<LibraryLocation> {
  const tried: LibraryAttempt[] = [];
  /** Takes what a place holds as the result, or notes why not. */
  const consider = (source: LibrarySource, place: string, result: FolderResult) => {
    if (!('defect' in result)) return { ...result, source, tried };
    tried.push({ place, reason: result.defect });
    return undefined;
  };

  const names = libraryNames(platform.os);
  const path = env.LIBTENSORFLOW_PATH;
  if (path) {
    const place = `LIBTENSORFLOW_PATH=${path}`;
    const found = consider(
      'environment',
      place,
      await inspectFolder(asFolder(path, names.framework), platform),
    );
    if (found !== undefined) return found;
    throw new LibraryNotFoundError(
      tried,
      `Set LIBTENSORFLOW_PATH to the folder of ${[...new Set([names.core[0], names.framework])].join(' and ')}, or unset it.`,
    );
  }
  tried.push({ place: 'LIBTENSORFLOW_PATH', reason: 'not set' });

  const target = libraryTarget(platform);
  if (typeof target === 'object') {
    tried.push({ place: 'this machine', reason: target.unsupported });
    throw new LibraryNotFoundError(tried, 'Run on a supported machine.');
  }
  for (const folder of cachedFolders(cacheDir, target)) {
    const place = `the cache ${folder}`;
    const found = consider('cache', place, await inspectInstallation(folder, platform));
    if (found !== undefined) return found;
  }
  let cause: unknown;
  if (install !== false) {
    try {
      return { ...(await installLibrary({ ...install, env, cacheDir, platform })), tried };
    } catch (error) {
      cause = error;
      tried.push({ place: 'pip', reason: error instanceof Error ? error.message : String(error) });
    }
  }
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    const result = await inspectTfjsNode(name, projectDir, platform);
    const found = consider('tfjs-node', `deps/lib of ${name}`, result);
    if (found !== undefined) return found;
  }
  throw new LibraryNotFoundError(
    tried,
    'Install it by `npx @bag-of-tricks/trainer install`, in code by `await installLibrary()`, ' +
      'or set LIBTENSORFLOW_PATH to the folder of an existing one.',
    { cause },
  );
}

/** The folder that a path to the folder itself or to one of its libraries means. */
function asFolder(path: string, framework: string): string {
  const full = resolve(path);
  if (!existsSync(full) || statSync(full).isDirectory()) return full;
  // A link to the library elsewhere: the other library lies beside the real file, if not beside the link.
  const beside = dirname(full);
  return existsSync(join(beside, framework)) ? beside : dirname(realpathSync(full));
}

/** The GPU build comes first: it is there only if a card was found, and runs without one too. */
function cachedFolders(cacheDir: string, target: LibraryTarget): string[] {
  return (['gpu', 'cpu'] as const).flatMap((flavour) => {
    const requirements = pinnedRequirements(target, flavour);
    if (requirements === undefined) return [];
    return [libraryFolder(cacheDir, requirements.tensorflowVersion, target, flavour)];
  });
}

/** Looks in each `node_modules` from `projectDir` upwards, as Node does. */
async function inspectTfjsNode(
  name: string,
  projectDir: string,
  machine: Machine,
): Promise<FolderResult> {
  for (let folder = resolve(projectDir); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate))
      return inspectFolder(join(realpathSync(candidate), 'deps/lib'), machine);
    if (folder === dirname(folder)) return { defect: `not installed in ${projectDir}` };
  }
}
