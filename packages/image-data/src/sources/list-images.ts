import { type DirectoryReader, joinBytes, SLASH } from './directory-reader.ts';
import { displayName } from './display-name.ts';
import type { NameTable } from './name-table.ts';

/** What `listImages` is told and whom it tells. */
export interface ListImagesOptions {
  readonly reader: DirectoryReader;
  /** In lower case, with the dot. */
  readonly extensions: ReadonlySet<string>;
  /** Called with each extension that is left out. */
  readonly onOtherFile: (extension: string) => void;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  /** Identities of folders that are not read, such as those that hold the class folder; those that are read are added. */
  readonly seen: Set<string>;
}

/**
 * Adds the images anywhere below a class folder to `names`, as paths from that folder. Hidden files and folders are no images.
 *
 * Each folder is read once, however many links lead to it: 23 nested folders with two links each have 2^23 paths. What is no link is read
 * first, so that an image's path has as few links as can be.
 */
export async function listImages(
  classFolder: Buffer,
  names: NameTable,
  options: ListImagesOptions,
): Promise<void> {
  const first = names.size;
  const folders: Buffer[] = [Buffer.alloc(0)];
  const links: Buffer[] = [];
  for (;;) {
    const prefix = folders.pop() ?? links.shift();
    if (prefix === undefined) break;
    const folder =
      prefix.length === 0 ? classFolder : joinBytes(classFolder, prefix.subarray(0, -1));
    const below = await listFolder(folder, prefix, names, options);
    folders.push(...below.folders);
    links.push(...below.links.sort(Buffer.compare));
  }
  names.sortFrom(first);
}

/** Adds the images of one folder, and returns the folders in it and the links to folders, as prefixes. */
async function listFolder(
  folder: Buffer,
  prefix: Buffer,
  names: NameTable,
  { reader, extensions, onOtherFile, warn, signal, seen }: ListImagesOptions,
): Promise<{ readonly folders: Buffer[]; readonly links: Buffer[] }> {
  signal?.throwIfAborted();
  const folders: Buffer[] = [];
  const links: Buffer[] = [];
  const below = (name: Buffer) => Buffer.concat([prefix, name, SLASH]);
  try {
    const { identity } = await reader.follow(folder);
    if (seen.has(identity)) {
      warn(
        `${displayName(folder)}: is a link to a folder that it lies in or that is read already, and is left out.`,
      );
      return { folders, links };
    }
    seen.add(identity);
    for await (const { name, kind } of reader.list(folder)) {
      signal?.throwIfAborted();
      if (name[0] === 0x2e) continue;
      const extension = extensionOf(name);
      // A link with an image's name is taken for an image: to follow a million links would take minutes.
      const isImage = extensions.has(extension) && (kind === 'file' || kind === 'link');
      if (isImage) names.add(prefix, name);
      else if (kind === 'folder') folders.push(below(name));
      else if (kind === 'link' && (await leadsToFolder(joinBytes(folder, name), reader, warn))) {
        links.push(below(name));
      } else onOtherFile(extension);
    }
  } catch (error) {
    throw describeListingError(error, folder);
  }
  return { folders, links };
}

async function leadsToFolder(
  path: Buffer,
  reader: DirectoryReader,
  warn: (message: string) => void,
): Promise<boolean> {
  try {
    return (await reader.follow(path)).isFolder;
  } catch (error) {
    warn(`${displayName(path)}: is a link that cannot be followed (${codeOf(error)}), left out.`);
    return false;
  }
}

/** Says what to do about a folder that may not be listed. */
export function describeListingError(error: unknown, folder: Buffer): unknown {
  const code = codeOf(error);
  if (code !== 'EACCES' && code !== 'EPERM') return error;
  return new Error(
    `imageFolder: expected to list ${displayName(folder)}, got ${code}. Allow reading and entering the folder (chmod u+rx), or leave its class out with a class map.`,
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** The extension in lower case with its dot, or an empty string. */
function extensionOf(name: Buffer): string {
  const dot = name.lastIndexOf(0x2e);
  return dot === -1 ? '' : name.toString('latin1', dot).toLowerCase();
}
