import { mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/** Begins the names of folders and links that are being written; a process that was killed leaves them behind. */
export const TEMPORARY = '.tmp-';

const temporaryBeside = (path: string) =>
  join(dirname(path), `${TEMPORARY}${basename(path)}-${process.pid}`);

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a folder of files so that it is there whole or not at all: into a temporary name beside it, fsynced, then renamed.
 * A folder that is already there is left as it is, unless it is empty.
 *
 * @throws What the file system throws.
 */
export async function writeFolderWhole(
  path: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  for (const [name, content] of Object.entries(files))
    await writeDurably(join(temporary, name), content);
  await syncFolder(temporary);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Lets the link at `path` point to its sibling `target`; at every moment it points to the old one or the new one.
 *
 * @throws What the file system throws.
 */
export async function writeLinkWhole(path: string, target: string): Promise<void> {
  const temporary = temporaryBeside(path);
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, path);
  await syncFolder(dirname(path));
}
