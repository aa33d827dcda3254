import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ends the names of files that are being written; a process that was killed leaves them behind. */
export const UNFINISHED = '.unfinished';

/**
 * Writes a file so that, whatever happens in between, either the old one or the whole new one is there and on the disk. What ends
 * the process leaves a file that ends in `.unfinished`.
 *
 * @returns What `write` returns, which gets the open file.
 */
export async function writeWhole<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
): Promise<T> {
  // A name that no other process writes to, in the same folder, so that it can be renamed.
  const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
  let written: T;
  try {
    const file = await open(temporary, 'wx');
    try {
      written = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
  return written;
}

/** Writes a file of this content whole, as `writeWhole` does. */
export async function writeFileWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeWhole(path, (file) => file.writeFile(content));
}

/** Makes a rename survive a power cut; where folders cannot be opened (Windows) the system sees to that. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
