import type { FileHandle } from 'node:fs/promises';

/** Bytes that can be read from anywhere. */
export interface ByteReader {
  readonly size: number;
  /** The bytes from `offset` on, fewer than `length` only at the end. Valid until the next call. */
  read(offset: number, length: number): Promise<Buffer>;
}

/**
 * Reads a file through a window, so that small reads close together cost one system call. The window is small:
 * between two headers lies an image that need not be read.
 */
export function windowReader(file: FileHandle, size: number, windowBytes = 1 << 13): ByteReader {
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  return {
    size,
    async read(offset, length) {
      const available = Math.max(0, Math.min(length, size - offset));
      if (offset < start || offset + available > start + window.length) {
        const wanted = Math.min(Math.max(available, windowBytes), Math.max(0, size - offset));
        window = await readExactly(file, offset, wanted);
        start = offset;
      }
      return window.subarray(offset - start, offset - start + available);
    },
  };
}

/** Node ends the process when it is asked for 2 GiB or more. */
const LARGEST_READ = 2 ** 30;

/** Reads `length` bytes at `offset`; fewer when the file ends before. */
export async function readExactly(
  file: FileHandle,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Buffer<ArrayBuffer>> {
  // Not from Node's pool: the bytes are handed on and may live long.
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    signal?.throwIfAborted();
    const wanted = Math.min(length - filled, LARGEST_READ);
    const { bytesRead } = await file.read(bytes, filled, wanted, offset + filled);
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead;
  }
  return bytes;
}
