import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './folder-lock.ts';
import { TEMPORARY, writeFolderWhole } from './write-folder-whole.ts';
import { UNFINISHED, writeFileWhole } from './write-whole.ts';

/** Whether a name is a temporary one, which a killed process may leave. */
export const isLeftover = (name: string): boolean =>
  name.startsWith(TEMPORARY) || name.endsWith(UNFINISHED);

/** Deletes what a killed process left under temporary names in a folder that no other process writes to. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (isLeftover(name)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Deletes what processes of this machine left when they were killed while they wrote the folder `path` whole; others may write beside it. */
export async function removeLeftoversOf(path: string): Promise<void> {
  const prefix = `${TEMPORARY}${basename(path)}-`;
  for (const name of await readdir(dirname(path))) {
    const [, pid] = /^(\d+)(-deleted)?$/.exec(name.slice(prefix.length)) ?? [];
    if (!name.startsWith(prefix) || pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}

/**
 * Does in small what the other functions do: makes a folder, syncs, renames, replaces, deletes.
 *
 * @throws What the file system throws, now instead of when there is something to lose.
 */
export async function probeFolder(folder: string): Promise<void> {
  const probe = join(folder, `${TEMPORARY}probe`);
  try {
    await writeFolderWhole(probe, { file: 'old' });
    await writeFileWhole(join(probe, 'file'), 'new');
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}
