import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const prefix = '.installing-';
const foreignStaleMs = 24 * 3600 * 1000;

/**
 * Makes a private folder in the cache to install into. Its name says who works in it:
 * `.installing-<pid>-<start of that process>-<host>-<random>`.
 */
export async function createStaging(cacheDir: string): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  const owner = `${process.pid}-${processStart(process.pid)}-${hostname()}`;
  return mkdtemp(join(cacheDir, `${prefix}${owner}-`));
}

/**
 * Makes the folder where pip unpacks on `os`: beside the target nothing has to be copied, and a small /tmp is not filled. Not on Windows, where Python
 * takes no path of more than 260 characters and the longest ones of the wheel would have them.
 */
export function createScratch(staging: string, os: string): Promise<string> {
  return mkdtemp(os === 'win32' ? join(tmpdir(), 'pip-') : join(staging, 'pip-'));
}

/** Deletes what killed installations left in the cache; those that are still running keep theirs. */
export async function removeStaleStaging(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(cacheDir, name);
    if (await isStale(folder)) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Moves the finished `folder` to `destination` in one step. Where another process was faster the
 * result is false and what the other left stays, unless `isWhole` says that it is damaged.
 */
export async function publish(
  folder: string,
  destination: string,
  isWhole: () => Promise<boolean>,
): Promise<boolean> {
  await syncTree(folder);
  for (;;) {
    try {
      await rename(folder, destination);
      await syncPath(dirname(destination));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EPERM is what Windows says.
      const isTaken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
      if (!isTaken || !existsSync(destination)) throw error;
      if (await isWhole()) return false;
      // Moved into our own folder, which is deleted with all it holds.
      const damaged = join(dirname(folder), `damaged-${basename(destination)}-${Date.now()}`);
      await rename(destination, damaged).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'ENOENT') throw cause;
      });
    }
  }
}

async function isStale(folder: string): Promise<boolean> {
  const match = /^\.installing-(\d+)-(\d+)-(.+)-[^-]+$/.exec(basename(folder));
  if (match?.[3] === hostname()) return processStart(Number(match[1])) !== match[2];
  // Of a process on another machine, or on a system without /proc, nothing can be seen but its traces.
  const stats = await stat(folder).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > foreignStaleMs;
}

/** When a process started, in clock ticks since boot: tells it from a later one of the same id. */
function processStart(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name, may itself hold blanks and brackets.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return 'ended';
  }
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await syncPath(join(entry.parentPath, entry.name), entry.isDirectory());
  }
  await syncPath(folder);
}

/** How a path is opened to be synced, if it can be: Windows syncs only what may be written, and no folders. */
export function syncFlags(os: string, isFolder: boolean): 'r' | 'r+' | undefined {
  if (os !== 'win32') return 'r';
  return isFolder ? undefined : 'r+';
}

async function syncPath(path: string, isFolder = true): Promise<void> {
  const flags = syncFlags(process.platform, isFolder);
  if (flags === undefined) return;
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
