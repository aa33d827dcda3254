import { mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { renamePatiently } from './rename-patiently.ts';
import { syncFolder } from './sync-folder.ts';
import { isOpenElsewhere } from './system-errors.ts';

/** Begins the names of folders and links that are being written or deleted; a process that was killed leaves them behind. */
export const TEMPORARY = '.tmp-';

/** The files of a folder by name; `folder/name` is one in a folder of it. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Options of `writeFolderWhole`. */
export interface WriteFolderOptions {
  /** Looks at the written folder, under its temporary name, before it gets its own. */
  readonly check?: (folder: string) => Promise<void>;
  /** Whether a folder that is there is replaced; otherwise one with files in it is an error, ENOTEMPTY or EEXIST. Default: true. */
  readonly replace?: boolean;
}

const temporaryBeside = (path: string, suffix: string | number = process.pid) =>
  join(dirname(path), `${TEMPORARY}${basename(path)}-${suffix}`);

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
 * A folder that is already there is replaced, if that is wanted; a kill between the two renamings leaves none.
 *
 * @throws What the file system or `check` throws; the temporary folder is then removed.
 */
export async function writeFolderWhole(
  path: string,
  files: Files,
  { check, replace = true }: WriteFolderOptions = {},
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await rm(temporary, { recursive: true, force: true });
    const inside = Object.keys(files).map((name) => dirname(join(temporary, name)));
    const folders = new Set([temporary, ...inside]);
    for (const folder of folders) await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files))
      await writeDurably(join(temporary, name), content);
    for (const folder of folders) await syncFolder(folder);
    await check?.(temporary);
    const old = replace ? await moveAside(path) : undefined;
    await renamePatiently(temporary, path).catch(async (error) => {
      if (old !== undefined) await renamePatiently(old, path).catch(() => {});
      throw error;
    });
    await syncFolder(dirname(path));
    // What cannot be deleted, such as a file that Windows or NFS knows to be open, is a leftover and no reason to fail.
    if (old !== undefined) await rm(old, { recursive: true, force: true }).catch(() => {});
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Deletes a folder so that it is there whole or not at all; what cannot be deleted keeps a temporary name.
 *
 * @throws What the file system throws.
 */
export async function removeFolder(path: string): Promise<void> {
  const old = await moveAside(path);
  if (old !== undefined) await rm(old, { recursive: true, force: true });
}

/** Gives a folder the temporary name of one that is deleted, which it returns; undefined where there is none. */
async function moveAside(path: string): Promise<string | undefined> {
  const temporary = temporaryBeside(path, `${process.pid}-deleted`);
  await rm(temporary, { recursive: true, force: true });
  try {
    await renamePatiently(path, temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return temporary;
}

/**
 * Lets the link at `path` point to its sibling `target`; at every moment it points to the old one or the new one. Windows may refuse to
 * rename over a link to a folder: there is none for a moment then, which is what a system without links has, and no stale one.
 *
 * @throws What the file system throws.
 */
export async function writeLinkWhole(
  path: string,
  target: string,
  os: string = process.platform,
): Promise<void> {
  const temporary = temporaryBeside(path);
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, path).catch(async (error) => {
    if (!isOpenElsewhere(error, os)) throw error;
    await rm(path, { force: true });
    await renamePatiently(temporary, path, os);
  });
  await syncFolder(dirname(path));
}
