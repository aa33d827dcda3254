import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheRoot, libraryFolder } from './cache.ts';
import { requireDiskSpace } from './disk.ts';
import { LibraryInstallError } from './errors.ts';
import { describeFailure } from './failure.ts';
import { type FolderContent, inspectInstallation } from './folder.ts';
import { nvidiaGpus } from './gpu.ts';
import type { LibraryLocation } from './location.ts';
import { writeManifest } from './manifest.ts';
import { pipInstall, receivedBytes } from './pip.ts';
import {
  currentPlatform,
  type LibraryTarget,
  libraryTarget,
  type Machine,
  machineOf,
  type Platform,
} from './platform.ts';
import type { InstallProgress } from './progress.ts';
import { keepLibraries } from './prune.ts';
import { findPython } from './python.ts';
import { copyPythonLibraries, requirePython } from './python-libraries.ts';
import { startReporter } from './reporter.ts';
import { type LibraryFlavour, pinnedRequirements, type Requirements } from './requirements.ts';
import { createScratch, createStaging, publish, removeStaleStaging } from './staging.ts';
import { isBoundToPython } from './wheel-tags.ts';

export interface InstallLibraryOptions {
  /** Called at each step and every few seconds of a long one; see `formatProgress`. */
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Ends pip and leaves the cache as it was. */
  readonly signal?: AbortSignal | undefined;
  /** Default: `$XDG_CACHE_HOME/bag-of-tricks`, else `~/.cache/bag-of-tricks`. */
  readonly cacheDir?: string;
  /** The Python to run pip with. Default: `python3`, then `python`, on the PATH. */
  readonly python?: string;
  /** With CUDA's libraries (3.4 GB to fetch). Default: `auto`, when `nvidia-smi` lists a card. */
  readonly gpu?: 'auto' | boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: Platform;
}

/** The wheels to install, and where to. */
export interface InstallPlan {
  readonly target: LibraryTarget;
  readonly flavour: LibraryFlavour;
  readonly requirements: Requirements;
}

/**
 * Installs TensorFlow's C library into the user's cache, by pip and with pinned hashes; does nothing
 * when it is there already and whole. Several processes may do so at once.
 *
 * @example
 * const library = await installLibrary({ onProgress: (p) => console.log(formatProgress(p)) });
 * console.log(library.corePath);
 *
 * @throws LibraryInstallError - with `failure` naming the kind and the message what to do; the cache
 * is then as it was before, and the next call starts afresh.
 */
export async function installLibrary(
  options: InstallLibraryOptions = {},
): Promise<LibraryLocation> {
  const { gpu = 'auto', env = process.env, platform = currentPlatform() } = options;
  const target = libraryTarget(platform);
  if (typeof target === 'object') {
    throw new LibraryInstallError('unsupported-platform', target.unsupported);
  }
  const flavour = await chooseFlavour(gpu, target, env);
  const requirements = pinnedRequirements(target, flavour);
  if (requirements === undefined) {
    const message = `TensorFlow has no GPU build for ${target}. Pass gpu: false for the CPU build.`;
    throw new LibraryInstallError('unsupported-platform', message);
  }
  return installPlan({ target, flavour, requirements }, options);
}

/** What `installLibrary` does once it is decided which wheels to take. */
export async function installPlan(
  { target, flavour, requirements }: InstallPlan,
  options: InstallLibraryOptions = {},
): Promise<LibraryLocation> {
  const { env = process.env, signal, onProgress = () => {} } = options;
  // pip runs in another folder.
  const cacheDir = resolve(options.cacheDir ?? cacheRoot(env));
  const machine = machineOf(target);
  const destination = libraryFolder(cacheDir, requirements.tensorflowVersion, target, flavour);
  const installed = await inspectInstallation(destination, machine);
  if (!('defect' in installed)) return located(installed, 'cache');

  const { staging, scratch } = await stagingFolders(cacheDir, machine);
  const { enter, stop } = startReporter(onProgress, requirements.downloadBytes, () =>
    receivedBytes(scratch),
  );
  try {
    await requireDiskSpace(staging, requirements);
    const python = await findPython(env, options.python);
    requirePython(target, python);
    const folder = join(staging, 'content');
    await mkdir(folder);
    // Before hundreds of megabytes are fetched for a Python that will not do.
    const ofPython = isBoundToPython(target)
      ? await copyPythonLibraries(python, { env, folder, machine })
      : [];
    const site = join(staging, 'site');
    await pipInstall({ python, target, requirements, site, scratch, env, signal, onPhase: enter });
    enter('verify');
    const files = [...(await keepLibraries(site, folder)), ...ofPython];
    await writeManifest(folder, requirements.tensorflowVersion, files);
    await requireUsable(folder, machine);
    await publish(
      folder,
      destination,
      async () => !('defect' in (await inspectInstallation(destination, machine))),
    );
    enter('done');
    return located(await requireUsable(destination, machine), 'installed');
  } catch (error) {
    throw describeFailure(error, signal, cacheDir);
  } finally {
    stop();
    for (const path of [scratch, staging]) await rm(path, { recursive: true, force: true });
  }
}

async function chooseFlavour(
  gpu: 'auto' | boolean,
  target: LibraryTarget,
  env: NodeJS.ProcessEnv,
): Promise<LibraryFlavour> {
  if (typeof gpu === 'boolean') return gpu ? 'gpu' : 'cpu';
  if (gpu !== 'auto') {
    throw new TypeError(`installLibrary: expected gpu to be 'auto', true or false, got ${gpu}.`);
  }
  const hasGpuBuild = pinnedRequirements(target, 'gpu') !== undefined;
  return hasGpuBuild && Array.isArray(await nvidiaGpus(env)) ? 'gpu' : 'cpu';
}

async function stagingFolders(cacheDir: string, { os }: Machine) {
  try {
    await removeStaleStaging(cacheDir);
    const staging = await createStaging(cacheDir);
    return { staging, scratch: await createScratch(staging, os) };
  } catch (error) {
    throw describeFailure(error, undefined, cacheDir);
  }
}

async function requireUsable(folder: string, machine: Machine): Promise<FolderContent> {
  const result = await inspectInstallation(folder, machine);
  if (!('defect' in result)) return result;
  throw new LibraryInstallError(
    'unusable-library',
    `what pip installed cannot be used: ${result.defect}. Try again; if it stays, report it.`,
  );
}

function located(content: FolderContent, source: 'cache' | 'installed'): LibraryLocation {
  return { ...content, source, tried: [] };
}
