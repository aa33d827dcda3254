import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryReader, fileSystem } from './directory-reader.ts';
import { displayName, listNames } from './display-name.ts';

const VALIDATION = ['val', 'validation', 'valid', 'test'] as const;

/** What the folder of a split may be called, best first; any other split is a folder of exactly its name. */
export const SPLIT_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  val: VALIDATION,
  validation: VALIDATION,
};

/** Names that are splits and never classes. */
export const SPLIT_NAMES: ReadonlySet<string> = new Set(['train', 'training', ...VALIDATION]);

/** The folder of a split inside a data set's folder; undefined where there is none. */
export async function findSplit(
  directory: string,
  split: string,
  reader: DirectoryReader = fileSystem,
): Promise<string | undefined> {
  for (const name of SPLIT_FOLDERS[split] ?? [split]) {
    const folder = join(directory, name);
    if (await isFolder(folder, reader)) return folder;
  }
  return undefined;
}

/**
 * The folder of a split inside a data set's folder; the folder itself without a split.
 *
 * @throws Error when there is none, with what was looked for and what is there.
 */
export async function splitFolder(
  directory: string,
  split: string | undefined,
  reader: DirectoryReader = fileSystem,
): Promise<string> {
  await checkFolder(directory, reader);
  if (split === undefined) return directory;
  const there = await findSplit(directory, split, reader);
  if (there !== undefined) return there;
  const wanted = SPLIT_FOLDERS[split] ?? [split];
  const found: string[] = [];
  for await (const { name } of reader.list(Buffer.from(directory))) found.push(displayName(name));
  throw new Error(
    `imageFolder: expected a folder ${wanted.join(' or ')} in ${directory}, found ${listNames(found.sort()) || 'nothing'}. ` +
      `Put the ${split} images into ${join(directory, wanted[0]!)}/<class>/, or give the folder that holds them.`,
  );
}

async function checkFolder(directory: string, reader: DirectoryReader): Promise<void> {
  if (typeof directory !== 'string' || directory === '') {
    throw new TypeError(
      `imageFolder: expected the path of a folder, got ${JSON.stringify(directory)}.`,
    );
  }
  if (!(await isFolder(directory, reader))) {
    throw new Error(
      `imageFolder: expected a folder, found none at ${directory}${existsSync(directory) ? ', which is a file' : ''}. Check the path of the data set.`,
    );
  }
}

async function isFolder(path: string, reader: DirectoryReader): Promise<boolean> {
  try {
    return (await reader.follow(Buffer.from(path))).isFolder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
