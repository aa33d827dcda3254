import { open } from 'node:fs/promises';

/** What file systems say that cannot sync a folder, such as network shares; their renames are as durable as they make them. */
const cannot = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Makes a rename survive a power cut, where the file system can; where folders cannot be opened (Windows) the system sees to that. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!cannot.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}
