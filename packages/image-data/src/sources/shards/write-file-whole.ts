import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ends the names of files that are being written; a process that was killed leaves them behind. */
export const UNFINISHED = '.unfinished';

/** A name that no other process writes to, in the same folder, so that it can be renamed at the end. */
export function unfinishedName(path: string): string {
  return `${path}.${randomUUID()}${UNFINISHED}`;
}

/** Writes a file so that, whatever happens in between, either the old one or the whole new one is there. */
export async function writeFileWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = unfinishedName(path);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
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
}

/** Makes a rename survive a power cut; where folders cannot be opened (Windows) the system sees to that. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
