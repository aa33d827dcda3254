import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { systemPath } from './system-path.ts';

/** One entry of a folder, as the folder itself describes it: links are not followed. */
export interface DirectoryEntry {
  readonly name: Buffer;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** How `imageFolder` lists folders: from the file system, or from a listing that was kept. The images are read from the file system. */
export interface DirectoryReader {
  /** The entries of a folder, in any order, without `.` and `..`. */
  list(path: Buffer): AsyncIterable<DirectoryEntry>;
  /** What a path leads to once links are followed, with a string that is the same for the same folder. */
  follow(path: Buffer): Promise<{ readonly isFolder: boolean; readonly identity: string }>;
}

/** The file system. Names are bytes, since Linux file names need not be UTF-8. */
export const fileSystem: DirectoryReader = {
  async *list(path) {
    // Node reads names as bytes when asked to, which its types do not tell; Deno has them as text all the same, and Bun entries without a kind.
    const encoding = process.versions.bun ? 'utf8' : ('buffer' as BufferEncoding);
    for await (const entry of await opendir(systemPath(path), { encoding, bufferSize: 1024 })) {
      const name: string | Buffer = entry.name;
      yield { name: typeof name === 'string' ? Buffer.from(name) : name, kind: kindOf(entry) };
    }
  },
  async follow(path) {
    const stats = await stat(systemPath(path), { bigint: true });
    return { isFolder: stats.isDirectory(), identity: `${stats.dev}:${stats.ino}` };
  },
};

function kindOf(entry: Dirent): DirectoryEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** `folder/name` in bytes. */
export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SLASH, name]);
}

export const SLASH: Buffer = Buffer.from('/');
