import { statfs } from 'node:fs/promises';
import { LibraryInstallError } from './errors.ts';
import type { Requirements } from './requirements.ts';

/** The bytes that this user may still write where `folder` is. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Refuses to start a long download that cannot be unpacked. */
export async function requireDiskSpace(folder: string, requirements: Requirements): Promise<void> {
  const needed = requirements.downloadBytes + requirements.unpackedBytes;
  const free = await freeBytes(folder);
  if (free >= needed) return;
  throw new LibraryInstallError(
    'disk-full',
    `expected ${gigabytes(needed)} GB of free disk while installing, got ${gigabytes(free)} GB in ${folder}. ` +
      'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk.',
  );
}

export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
