import { statfs } from 'node:fs/promises';
import type { Files } from './write-folder-whole.ts';

/** There is not enough room in a folder. */
export class SpaceError extends Error {
  override readonly name = 'SpaceError';
  readonly code = 'ENOSPC';
}

/** Files take whole blocks, and a folder and its names take some too. */
const block = 4096;

/** The bytes that files take in a folder of their own. */
export function bytesOf(files: Files): number {
  return Object.values(files).reduce(
    (sum, content) => sum + Math.ceil(Buffer.byteLength(content) / block + 1) * block,
    4 * block,
  );
}

/** The bytes that are free to us in the file system of a folder; infinity where it does not say. */
export async function freeBytes(folder: string): Promise<number> {
  const space = await statfs(folder).catch(() => null);
  return space === null ? Number.POSITIVE_INFINITY : space.bavail * space.bsize;
}

const megabytes = (bytes: number) =>
  Number.isFinite(bytes) ? `${(bytes / 1e6).toFixed(1)} MB` : 'an unknown amount';

/** How much files take in a folder, and how much is free, in words. */
export async function describeSpace(folder: string, files: Files): Promise<string> {
  return `${megabytes(bytesOf(files))} needed, ${megabytes(await freeBytes(folder))} free in ${folder}`;
}

/**
 * @param remedy What to do but to free some.
 * @throws SpaceError when files do not fit into a folder, before anything is written.
 */
export async function checkFreeSpace(
  folder: string,
  files: Files,
  remedy = 'choose another folder',
): Promise<void> {
  if ((await freeBytes(folder)) < bytesOf(files))
    throw new SpaceError(
      `no space: ${await describeSpace(folder, files)}. Free some, or ${remedy}`,
    );
}
