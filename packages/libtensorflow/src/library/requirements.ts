import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LibraryTarget } from './platform.ts';

/** With NVIDIA's libraries or without. */
export type LibraryFlavour = 'cpu' | 'gpu';

/** The wheels of one installation, pinned by version and hash. */
export interface Requirements {
  /** The requirements file that pip reads. */
  readonly path: string;
  readonly tensorflowVersion: string;
  readonly downloadBytes: number;
  readonly unpackedBytes: number;
}

/** The pinned wheels for `target`, or undefined where there are none (CUDA on aarch64). */
export function pinnedRequirements(
  target: LibraryTarget,
  flavour: LibraryFlavour,
): Requirements | undefined {
  // Two levels up from both src/library and dist/library.
  const url = new URL(`../../requirements/${target}-${flavour}.txt`, import.meta.url);
  const path = fileURLToPath(url);
  return existsSync(path) ? readRequirements(path) : undefined;
}

/** Reads a file that `scripts/pin-requirements.mjs` made. */
export function readRequirements(path: string): Requirements {
  const text = readFileSync(path, 'utf8');
  const version = /^tensorflow(?:-cpu)?==(\S+)/m.exec(text)?.[1];
  if (version === undefined) throw new Error(`readRequirements: no TensorFlow in ${path}`);
  let downloadBytes = 0;
  let unpackedBytes = 0;
  for (const [, download, unpacked] of text.matchAll(/(\d+) bytes to fetch, (\d+) unpacked/g)) {
    downloadBytes += Number(download);
    unpackedBytes += Number(unpacked);
  }
  return { path, tensorflowVersion: version, downloadBytes, unpackedBytes };
}
