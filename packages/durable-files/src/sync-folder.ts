import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** What file systems say that cannot sync a folder, such as network shares; their renames are as durable as they make them. */
const cannot = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

function unlessItCannot(error: NodeJS.ErrnoException): void {
  if (!cannot.includes(error.code ?? '')) throw error;
}

/** Makes a rename survive a power cut, where the file system can; where folders cannot be opened (Windows) the system sees to that. */
export async function syncFolder(path: string, os: string = process.platform): Promise<void> {
  if (os === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync().catch(unlessItCannot);
  } finally {
    await folder.close();
  }
}

/** Does what `syncFolder` does, before it returns. */
export function syncFolderSync(path: string, os: string = process.platform): void {
  if (os === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch (error) {
    unlessItCannot(error as NodeJS.ErrnoException);
  } finally {
    closeSync(folder);
  }
}
