import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

// The libraries, what CUDA reads at run time, and every licence: about a third of the wheels.
const kept = [
  /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/,
  /^tensorflow\/libtensorflow_(cc|framework)\.2\.dylib$/,
  /^tensorflow\/python\/_pywrap_tensorflow_common\.dll$/,
  /^tensorflow\/(THIRD_PARTY_NOTICES\.txt|include\/LICENSE)$/,
  /^nvidia\/[^/]+\/lib\/[^/]+\.so(\.\d+)*$/,
  /^nvidia\/cuda_nvcc\/(bin\/ptxas|nvvm\/libdevice\/.+)$/,
  /^[^/]+\.dist-info\/(METADATA|(.+\/)?(LICEN[CS]E|License|NOTICE)[^/]*)$/,
];

/** Moves what a process needs of unpacked wheels from `site` to `folder`; returns the paths kept. */
export async function keepLibraries(site: string, folder: string): Promise<string[]> {
  const entries = await readdir(site, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(site, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => kept.some((pattern) => pattern.test(path)))
    .sort();
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rename(join(site, path), join(folder, path));
  }
  return paths;
}
