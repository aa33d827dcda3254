import { mkdir, open, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Write a file and wait until the disk has it. */
async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Write a folder of files so that it is there whole or not at all: into a temporary name beside it, fsynced, then renamed.
 * A folder that is already there is left as it is.
 */
export async function writeFolderAtomically(
  target: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const parent = dirname(target);
  const temporary = join(parent, `.tmp-${basename(target)}-${process.pid}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  for (const [name, content] of Object.entries(files))
    await writeDurably(join(temporary, name), content);
  await syncFolder(temporary);
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  await syncFolder(parent);
}

/** Let the link `name` point to its sibling `target`; at every moment it points to the old one or the new one. */
export async function pointLink(folder: string, name: string, target: string): Promise<void> {
  const temporary = join(folder, `.tmp-${name}-${process.pid}`);
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, join(folder, name));
  await syncFolder(folder);
}

/** Delete the checkpoint folders that no link names, and what a killed process left half-written. */
export async function pruneUnlinked(folder: string, links: readonly string[]): Promise<void> {
  const kept = await Promise.all(
    links.map((link) => readlink(join(folder, link)).catch(() => null)),
  );
  for (const entry of await readdir(folder)) {
    const stale =
      (entry.startsWith('epoch-') && !kept.includes(entry)) || entry.startsWith('.tmp-');
    if (stale) await rm(join(folder, entry), { recursive: true, force: true });
  }
}

/** A file's content, with an error that says whose part it is when it cannot be read. */
export async function readPart(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new Error(
      `checkpoint ${folder}: expected a readable file ${name}, got ${(cause as NodeJS.ErrnoException).code ?? cause}. Give a run folder or a checkpoint folder that 'bag-of-tricks train' wrote`,
      { cause },
    );
  }
}
