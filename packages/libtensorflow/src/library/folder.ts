import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { libraryDefect } from './library-header.ts';
import { libraryNames } from './library-names.ts';
import type { LibraryLocation } from './location.ts';
import { folderDefect, readManifest } from './manifest.ts';
import type { Machine } from './platform.ts';
import { pythonLibraries } from './python-libraries.ts';

/** What a folder holds, before it is known how it was found. */
export type FolderContent = Omit<LibraryLocation, 'source' | 'tried'>;

/** What is in a folder, or the reason why it cannot be used. */
export type FolderResult = FolderContent | { readonly defect: string };

// What TensorFlow opens by name, each after what it needs itself. Not the rest: libnvblas would take
// over BLAS for the whole process, and parts of cuDNN cannot be opened where there is no driver.
const nvidiaOrder = [
  'nvjitlink/libnvJitLink',
  'cuda_runtime/libcudart',
  'cuda_nvrtc/libnvrtc',
  'cublas/libcublasLt',
  'cublas/libcublas',
  'cufft/libcufft',
  'curand/libcurand',
  'cusparse/libcusparse',
  'cusolver/libcusolver',
  'cudnn/libcudnn',
  'nccl/libnccl',
  'cuda_cupti/libcupti',
];

/** Looks for both libraries in `directory`, for a process of `machine`. */
export async function inspectFolder(directory: string, machine: Machine): Promise<FolderResult> {
  const names = libraryNames(machine.os);
  const core = names.core.find((name) => existsSync(join(directory, name)));
  if (core === undefined) return { defect: `no ${names.core.join(' or ')} in ${directory}` };
  const corePath = join(directory, core);
  const frameworkPath = join(directory, names.framework);
  for (const path of new Set([frameworkPath, corePath])) {
    const defect = await libraryDefect(path, machine);
    if (defect !== undefined) return { defect };
  }
  const preload =
    machine.os === 'win32'
      ? await pythonLibraries(directory)
      : await nvidiaLibraries(join(dirname(directory), 'nvidia'));
  const version = await installedVersion(directory, corePath);
  return { directory, corePath, frameworkPath, preload, ...(version !== undefined && { version }) };
}

/** Looks at a folder that `installLibrary` made: who may write it, sizes, and hashes where files have changed, or of all if `deep`. */
export async function inspectInstallation(
  folder: string,
  machine: Machine,
  options: { readonly deep?: boolean } = {},
): Promise<FolderResult> {
  if (!existsSync(folder)) return { defect: 'not installed' };
  try {
    const manifest = await readManifest(folder);
    const defect = await folderDefect(folder, manifest, options);
    if (defect !== undefined) return { defect };
    const content = await inspectFolder(join(folder, libraryNames(machine.os).folder), machine);
    return 'defect' in content ? content : { ...content, version: manifest.version };
  } catch (error) {
    return { defect: `its manifest cannot be read: ${(error as Error).message}` };
  }
}

/** NVIDIA's libraries as their wheels lay them out beside TensorFlow's. */
async function nvidiaLibraries(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const library of nvidiaOrder) {
    const libraries = join(folder, dirname(library), 'lib');
    const names = await readdir(libraries).catch(() => []);
    const name = names.find((file) => file.startsWith(`${basename(library)}.so.`));
    if (name !== undefined) paths.push(join(libraries, name));
  }
  return paths;
}

async function installedVersion(directory: string, corePath: string): Promise<string | undefined> {
  const inFileName = /\.so\.(\d+\.\d+\.\d+)$/.exec(realpathSync(corePath))?.[1];
  if (inFileName !== undefined) return inFileName;
  // Beside a package in site-packages lies its metadata.
  const siblings = await readdir(dirname(directory)).catch(() => []);
  for (const name of siblings) {
    const version = /^tensorflow(?:_cpu)?-(.+)\.dist-info$/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
