import { basename } from 'node:path';
import { type DirectoryReader, joinBytes } from './directory-reader.ts';
import { displayName, listNames } from './display-name.ts';
import { describeListingError } from './list-images.ts';
import { SPLIT_FOLDERS, SPLIT_NAMES } from './split-folder.ts';

/** A class and the folder of its images. */
export interface ClassFolder {
  readonly className: string;
  /** Undefined when the class map names a class that has no folder. */
  readonly path: Buffer | undefined;
}

/** What `findClassFolders` is told and whom it tells. */
export interface ClassFolderOptions {
  readonly reader: DirectoryReader;
  readonly classNames: readonly string[] | undefined;
  /** Whether they are read from a file; else they are most often those of the training images. */
  readonly isFile: boolean;
  readonly warn: (message: string) => void;
}

/**
 * The class folders directly below `directory`: all of them sorted by the bytes of their names, which is the order
 * of code points and torchvision's, or those that `classNames` names, in its order. Hidden folders are none.
 */
export async function findClassFolders(
  directory: string,
  { reader, classNames, isFile, warn }: ClassFolderOptions,
): Promise<ClassFolder[]> {
  const folders: Buffer[] = [];
  const strayFiles: string[] = [];
  try {
    for await (const { name, kind } of reader.list(Buffer.from(directory))) {
      if (name[0] === DOT) continue;
      if (
        kind === 'folder' ||
        (kind === 'link' && (await leadsToFolder(reader, directory, name)))
      ) {
        folders.push(name);
      } else if (strayFiles.length < MOST_STRAY) strayFiles.push(displayName(name));
    }
  } catch (error) {
    throw describeListingError(error, Buffer.from(directory));
  }
  folders.sort(Buffer.compare);
  const found = folders.map((name) => displayName(name));
  refuseNoClasses(directory, found, strayFiles);
  warnOfOddities(directory, found, strayFiles, warn);

  const path = (name: Buffer) => joinBytes(Buffer.from(directory), name);
  if (classNames === undefined) {
    return folders.map((name, i) => ({ className: found[i]!, path: path(name) }));
  }
  const folderOf = new Map(found.map((className, i) => [className, path(folders[i]!)]));
  const selected = classNames.map((className) => ({ className, path: folderOf.get(className) }));
  checkSelection(directory, found, selected, { isFile, warn });
  return selected;
}

const DOT = 0x2e;

/** As many stray files are remembered for a message, whatever their number. */
const MOST_STRAY = 1000;

async function leadsToFolder(
  reader: DirectoryReader,
  directory: string,
  name: Buffer,
): Promise<boolean> {
  try {
    return (await reader.follow(joinBytes(Buffer.from(directory), name))).isFolder;
  } catch {
    // A link that leads nowhere is no class; it is reported with the stray files.
    return false;
  }
}

const LAYOUT =
  'A class folder holds the images of one class and is named after it, as in train/cat/1.jpg and train/dog/2.jpg.';

function refuseNoClasses(directory: string, found: string[], strayFiles: string[]): void {
  if (found.length === 0) {
    const isEmptyVal = strayFiles.length === 0 && SPLIT_FOLDERS.val!.includes(basename(directory));
    const what = strayFiles.length === 0 ? 'nothing' : `only files: ${listNames(strayFiles)}`;
    throw new Error(
      `imageFolder: expected a folder for each class in ${directory}, found ${what}. ${LAYOUT}${isEmptyVal ? ' Remove the empty folder, and a share of the training images is kept for it (a fifth).' : ''}`,
    );
  }
  if (found.every((name) => SPLIT_NAMES.has(name))) {
    throw new Error(
      `imageFolder: expected a folder for each class in ${directory}, found the splits ${listNames(found)}. ` +
        `Give the split, as in imageFolder(directory, { split: '${found.at(-1)}' }). ${LAYOUT}`,
    );
  }
}

function warnOfOddities(
  directory: string,
  found: string[],
  strayFiles: string[],
  warn: (message: string) => void,
): void {
  if (strayFiles.length > 0) {
    warn(
      `${directory}: files outside of any class folder are left out: ${listNames(strayFiles)}. ${LAYOUT}`,
    );
  }
  if (found.length === 1) {
    warn(`${directory}: there is one class only, ${found[0]}: nothing can be told apart.`);
  }
  const seen = new Map<string, string>();
  for (const name of found) {
    const folded = name.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      warn(
        `${directory}: the classes ${other} and ${name} differ in upper and lower case (or in how an accent is written) only. If they are one class, move the images into one folder.`,
      );
    }
    seen.set(folded, name);
  }
}

function checkSelection(
  directory: string,
  found: string[],
  selected: readonly ClassFolder[],
  { isFile, warn }: Pick<ClassFolderOptions, 'isFile' | 'warn'>,
): void {
  const missing = selected.filter(({ path }) => path === undefined).map((c) => c.className);
  if (missing.length === selected.length) {
    throw new Error(
      `imageFolder: expected folders named as ${isFile ? 'in the class map' : 'the training classes'}, such as ${listNames(missing)}, found ${listNames(found)} in ${directory}. ${isFile ? 'The class map must name the folders' : 'The folders must be named after the classes'}.`,
    );
  }
  if (missing.length > 0) {
    warn(
      `${directory}: ${isFile ? 'classes of the class map' : 'training classes'} without a folder: ${listNames(missing)}.`,
    );
  }
  const names = new Set(selected.map(({ className }) => className));
  const leftOut = found.filter((name) => !names.has(name));
  if (leftOut.length > 0) {
    warn(
      `${directory}: folders that are not ${isFile ? 'in the class map' : 'among the training classes'} are left out: ${listNames(leftOut)}.`,
    );
  }
}
