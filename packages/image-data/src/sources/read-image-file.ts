import { closeSync, constants, fstatSync, open, type PathLike, read } from 'node:fs';
import { promisify } from 'node:util';
import { BadImageError } from '../bad-image-error.ts';
import { systemPath } from './system-path.ts';

/** Largest encoded image that is read, in bytes: more would be no photograph, and would fill the memory. */
export const MAX_IMAGE_BYTES = 256 * 2 ** 20;

// A `FileHandle` costs the event loop several times what a descriptor does, most of it in garbage collection.
const openFile = promisify(open);
const readFrom = promisify(read);

/** Failures of one file; any other, such as too many open files, is no fault of the image. */
const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist (any more), or is a link that leads nowhere',
  EACCES: 'the file may not be read: permission denied',
  EPERM: 'the file may not be read: operation not permitted',
  ELOOP: 'the file is a link that leads back to itself',
  EISDIR: 'is a folder',
  ENXIO: 'is not a regular file',
  EIO: 'the disk or the network share cannot read the file',
};

/** Reads a whole image file into a buffer of its own; rejects with `BadImageError` when this very file cannot be read, is empty, or no file at all. */
export async function readImageFile(
  path: PathLike,
  describe: () => string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  try {
    // Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
    const file = await openFile(systemPath(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      // Of an open file the system knows this at once, as it can close it at once.
      const stats = fstatSync(file);
      if (stats.isDirectory()) throw new BadImageError(describe(), 'is a folder');
      if (!stats.isFile()) throw new BadImageError(describe(), 'is not a regular file');
      checkImageBytes(stats.size, describe);
      const bytes = Buffer.allocUnsafeSlow(stats.size);
      let filled = 0;
      while (filled < bytes.length) {
        signal?.throwIfAborted();
        const { bytesRead } = await readFrom(file, bytes, filled, bytes.length - filled, filled);
        if (bytesRead === 0) {
          throw new BadImageError(
            describe(),
            `was shortened from ${bytes.length} to ${filled} bytes while it was read`,
          );
        }
        filled += bytesRead;
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const fault = FILE_FAULTS[(error as NodeJS.ErrnoException).code ?? ''];
    if (fault !== undefined) throw new BadImageError(describe(), fault, { cause: error });
    throw error;
  }
}

/** Refuses the sizes that no image has. */
export function checkImageBytes(size: number, describe: () => string): void {
  if (size === 0) throw new BadImageError(describe(), 'is empty (0 bytes)');
  if (size > MAX_IMAGE_BYTES) {
    throw new BadImageError(
      describe(),
      `has ${size} bytes, more than the ${MAX_IMAGE_BYTES} that an image may have`,
    );
  }
}
