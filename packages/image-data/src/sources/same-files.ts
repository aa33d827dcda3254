import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ImageSource, ListedFile } from '../source.ts';
import { listFiles } from './list-files.ts';
import { systemPath } from './system-path.ts';

/** More files are not compared: to ask for their sizes, or to read so many, would take long. */
export const [mostFiles, mostHashed] = [2 ** 16, 10_000];

/** A file of a source at its index. */
interface File extends Pick<ListedFile, 'name'> {
  readonly index: number;
  readonly path: string | Uint8Array;
}

/** The files of a source by their size; empty ones are left out. */
export async function bySize({ listing }: ImageSource): Promise<Map<number, File[]>> {
  const files = new Map<number, File[]>();
  let index = 0;
  for await (const some of listFiles(listing!)) {
    for (const { name, bytes } of some) {
      const file = { name, index, path: listing!.at(index).path() };
      index += 1;
      if (!bytes) continue;
      const same = files.get(bytes);
      if (same) same.push(file);
      else files.set(bytes, [file]);
    }
  }
  return files;
}

/** Of each file the hash of its bytes, null for one that cannot be read. */
export async function hashed(files: readonly File[]) {
  const all: (File & { readonly hash: string | null })[] = [];
  for (const file of files) {
    const bytes = await readFile(systemPath(file.path)).catch(() => null);
    all.push({ ...file, hash: bytes && createHash('sha256').update(bytes).digest('hex') });
  }
  return all;
}

/** The index of the first file of the class with the same bytes, of each file that has one before it; none where the files are too many to compare. */
export async function sameFiles(source: ImageSource, signal?: AbortSignal) {
  const same = new Map<number, number>();
  if (!source.listing || source.size > mostFiles) return same;
  const alike = [...(await bySize(source)).values()].filter((files) => files.length > 1);
  if (alike.reduce((sum, files) => sum + files.length, 0) > mostHashed) return same;
  for (const files of alike) {
    signal?.throwIfAborted();
    const first = new Map<string, number>();
    for (const { index, hash } of await hashed(files)) {
      if (hash === null) continue;
      const key = `${source.label(index)} ${hash}`;
      const before = first.get(key);
      if (before === undefined) first.set(key, index);
      else same.set(index, before);
    }
  }
  return same;
}
