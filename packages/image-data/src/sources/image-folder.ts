import type { ImageSource } from '../source.ts';
import { findClassFolders } from './class-folders.ts';
import { type ClassMap, readClassMap } from './class-map.ts';
import { type DirectoryReader, fileSystem } from './directory-reader.ts';
import { listNames } from './display-name.ts';
import { FolderSource } from './folder-source.ts';
import { listImages } from './list-images.ts';
import { NameTable } from './name-table.ts';
import { splitFolder } from './split-folder.ts';

/** Options of `imageFolder`. */
export interface ImageFolderOptions {
  /**
   * The subfolder that holds the class folders. `train` also finds `training`; `val` and `validation` find the first
   * of `val`, `validation`, `valid`, `test`; any other is taken as it stands. Default: the folder itself.
   */
  readonly split?: string;
  /** Fixes the classes and their numbers; give the training set's `classNames` to a validation set. Default: every folder, sorted. */
  readonly classMap?: ClassMap;
  /** Extensions of images, in any case. Default: .jpg .jpeg .png .webp .gif */
  readonly extensions?: readonly string[];
  /** Called with what is odd but can be worked with, such as an empty class. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Lists folders, such as from a listing that was kept; images are read from the file system. Default: the file system. */
  readonly reader?: DirectoryReader;
}

/** Extensions of images, in lower case. */
export const imageExtensions: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif'];

/**
 * The images of a folder with one subfolder a class, as torchvision's ImageFolder and timm read it:
 * `train/<class>/<any path>.jpg`. A folder without an image is no class, unless the class map names it. Classes are sorted by the bytes of their names, and so are the images of a class.
 *
 * Links are followed, and each folder of a class is read once however many lead to it; files and folders whose names begin with a dot are left out. Names are kept as
 * bytes, about 30 a file, so that millions of files fit and names need not be UTF-8.
 *
 * @example
 * ```ts no-run
 * import { imageFolder } from '@bag-of-tricks/image-data';
 *
 * const train = await imageFolder('imagenet', { split: 'train', onWarning: console.warn });
 * const val = await imageFolder('imagenet', { split: 'val', classMap: train.classNames });
 * ```
 *
 * @throws Error when there is no such folder, no class in it or no image in any class.
 */
export async function imageFolder(
  directory: string,
  {
    split,
    classMap,
    extensions = imageExtensions,
    onWarning: warn = () => {},
    signal,
    reader = fileSystem,
  }: ImageFolderOptions = {},
): Promise<ImageSource> {
  signal?.throwIfAborted();
  const known = checkedExtensions(extensions);
  const folder = await splitFolder(directory, split, reader);
  const classNames = classMap === undefined ? undefined : await readClassMap(classMap);
  const isFile = typeof classMap === 'string';
  const classes = await findClassFolders(folder, { reader, classNames, isFile, warn });

  const names = new NameTable();
  const ends = new Uint32Array(classes.length);
  const others = new Map<string, number>();
  const onOtherFile = (extension: string) => {
    if (others.size < 100 || others.has(extension)) {
      others.set(extension, (others.get(extension) ?? 0) + 1);
    }
  };
  const above = (await reader.follow(Buffer.from(folder))).identity;
  const options = { reader, extensions: known, onOtherFile, warn, signal };
  for (const [label, { path }] of classes.entries()) {
    if (path !== undefined) await listImages(path, names, { ...options, seen: new Set([above]) });
    ends[label] = names.size;
  }
  names.trim();
  const isEmpty = classes.map(
    ({ path }, i) => path !== undefined && ends[i] === (ends[i - 1] ?? 0),
  );
  const isClass = (_: unknown, i: number) => classNames !== undefined || !isEmpty[i];
  const empty = classes.filter((_, i) => isEmpty[i]).map(({ className }) => className);
  report(
    { folder, images: names.size, empty, isFixed: classNames !== undefined },
    others,
    known,
    warn,
  );
  return new FolderSource(folder, classes.filter(isClass), names, ends.filter(isClass));
}

function checkedExtensions(extensions: readonly string[]): Set<string> {
  for (const extension of extensions) {
    if (!/^\.[^./\\]+$/.test(extension)) {
      throw new TypeError(
        `imageFolder: expected extensions such as '.jpg', got ${JSON.stringify(extension)}.`,
      );
    }
  }
  if (extensions.length === 0) {
    throw new TypeError('imageFolder: expected at least one extension, got none.');
  }
  return new Set(extensions.map((extension) => extension.toLowerCase()));
}

interface Found {
  readonly folder: string;
  readonly images: number;
  /** Folders without an image: those of a class map are classes all the same. */
  readonly empty: readonly string[];
  readonly isFixed: boolean;
}

function report(
  { folder, images, empty, isFixed }: Found,
  others: ReadonlyMap<string, number>,
  extensions: ReadonlySet<string>,
  warn: (message: string) => void,
): void {
  const otherFiles = [...others]
    .sort(([, a], [, b]) => b - a)
    .map(([extension, count]) => `${count} ${extension || 'without extension'}`);
  const looked = [...extensions].join(' ');
  if (images === 0) {
    throw new Error(
      `imageFolder: expected images (${looked}) in the class folders of ${folder}, found ${listNames(otherFiles) || 'no file'}. Put them there, or convert images of another format to one of these; in code, the option extensions names further ones.`,
    );
  }
  if (otherFiles.length > 0) {
    warn(`${folder}: files that end in none of ${looked} are left out: ${listNames(otherFiles)}.`);
  }
  if (empty.length > 0) {
    const what = isFixed
      ? 'classes without an image'
      : 'folders without an image, which are no classes';
    warn(`${folder}: ${what}: ${listNames(empty)}.`);
  }
}
