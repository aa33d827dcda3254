import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { ImageSource } from '../source.ts';
import { fileSystem } from './directory-reader.ts';
import { displayName } from './display-name.ts';
import { FolderSource } from './folder-source.ts';
import { type ImageFile, imageFiles } from './image-files.ts';
import { imageExtensions } from './image-folder.ts';
import { listImages } from './list-images.ts';
import { NameTable } from './name-table.ts';
import { systemPath } from './system-path.ts';

/** Options of `findImages`. */
export interface FindImagesOptions {
  /** Where the paths of `-` come from, one a line. Default: none. */
  readonly lines?: AsyncIterable<Uint8Array> | undefined;
  /** Called with what is odd but can be worked with, such as a folder without an image. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The images that a person names: files, folders (with all below them), patterns such as `photos/*.jpg`, and `-` for paths from `lines`.
 * They come as sources without classes as they are found: those of a folder together, and the paths that arrive together.
 *
 * Each folder is searched once, however many links and paths lead to it. A path that is no folder counts as an image, even where it does
 * not exist: whoever reads it says so.
 *
 * @example
 * ```ts no-run
 * import { findImages } from '@bag-of-tricks/image-data';
 *
 * for await (const source of findImages(['photos', 'more/*.png'])) console.log(source.name, source.size);
 * ```
 *
 * @throws Error when a folder cannot be listed, or a pattern matches nothing.
 */
export async function* findImages(
  inputs: readonly string[],
  { lines, onWarning: warn = () => {}, signal }: FindImagesOptions = {},
): AsyncGenerator<ImageSource, void, undefined> {
  const seen = new Set<string>();
  const search = async function* (paths: readonly Buffer[]): AsyncGenerator<ImageSource> {
    let files: ImageFile[] = [];
    for (const path of paths) {
      signal?.throwIfAborted();
      if (!(await isFolder(path))) {
        files.push({ path });
        continue;
      }
      if (files.length > 0) yield imageFiles(files);
      files = [];
      const folder = await folderImages(path, seen, { warn, signal });
      if (folder) yield folder;
    }
    if (files.length > 0) yield imageFiles(files);
  };
  let given: Buffer[] = [];
  for (const input of inputs) {
    if (input !== '-') {
      given.push(...(await matches(input)));
      continue;
    }
    yield* search(given);
    given = [];
    for await (const paths of pathsOf(lines)) yield* search(paths);
  }
  yield* search(given);
}

const isFolder = (path: Buffer): Promise<boolean> =>
  stat(systemPath(path)).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/** A path that is there as it stands, before it is taken for a pattern. */
async function matches(input: string): Promise<Buffer[]> {
  const isThere = await stat(input).then(
    () => true,
    () => false,
  );
  if (isThere || !isDynamicPattern(input)) return [Buffer.from(input)];
  // With `**` the folders that match would be searched a second time.
  const onlyFiles = input.includes('**');
  const options = { onlyFiles, expandDirectories: false, absolute: isAbsolute(input) };
  const found = await glob(input, options);
  if (found.length === 0) {
    throw new Error(
      `findImages: expected files that match ${input}, found none. Check the pattern and the working directory`,
    );
  }
  return found.sort().map((path) => Buffer.from(path));
}

/** The images below a folder; undefined where there is none, or they are read already. */
async function folderImages(
  path: Buffer,
  seen: Set<string>,
  { warn, signal }: { warn: (message: string) => void; signal: AbortSignal | undefined },
): Promise<ImageSource | undefined> {
  const folder = withoutSlash(path);
  const name = displayName(folder);
  if (seen.has((await fileSystem.follow(folder)).identity)) {
    warn(`${name}: is searched already, and is left out.`);
    return undefined;
  }
  const names = new NameTable();
  const extensions = new Set(imageExtensions);
  const options = { reader: fileSystem, extensions, warn, signal, seen };
  await listImages(folder, names, { ...options, onOtherFile: () => {} });
  names.trim();
  if (names.size === 0) {
    warn(`${name}: holds no images (${imageExtensions.join(' ')}).`);
    return undefined;
  }
  return new FolderSource(
    name,
    [{ className: name, path: folder }],
    names,
    Uint32Array.of(names.size),
  );
}

function withoutSlash(path: Buffer): Buffer {
  let end = path.length;
  while (end > 1 && path[end - 1] === 0x2f) end--;
  return path.subarray(0, end);
}

/** The lines of each chunk together: what is written at once is worked on at once, and a slow writer need not finish. */
async function* pathsOf(
  chunks: AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<Buffer[], void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks ?? []) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    rest = bytes.subarray(end);
    yield linesIn(bytes.subarray(0, end));
  }
  yield linesIn(rest);
}

function linesIn(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    if (end > start) lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
