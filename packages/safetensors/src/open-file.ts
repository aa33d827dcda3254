import { type FileHandle, open } from 'node:fs/promises';
import { type Header, LENGTH_BYTES, parseHeader, readHeaderLength } from './header.ts';
import { quote, type Safetensors, type SafetensorsTensor, type TensorInfo } from './tensor.ts';

/** An open file: its header is in memory, its tensors are read one at a time. */
export interface SafetensorsFile {
  /** What the header says, by name, in the order of the data. */
  readonly tensors: ReadonlyMap<string, TensorInfo & { readonly byteLength: number }>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Reads one tensor into memory of its own. */
  read(name: string): Promise<SafetensorsTensor>;
  close(): Promise<void>;
}

/**
 * Opens a .safetensors file and checks its header against its size; tensors are then read one at a time.
 *
 * Memory in use is the header and whatever the caller keeps. Close the file when done.
 *
 * @example
 * ```ts
 * import { openSafetensors, writeSafetensors } from '@bag-of-tricks/safetensors/node';
 *
 * await writeSafetensors('model.safetensors', [
 *   ['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }],
 * ]);
 * const file = await openSafetensors('model.safetensors');
 * for (const name of file.tensors.keys()) console.log(name, (await file.read(name)).shape); // w [2]
 * await file.close();
 * ```
 *
 * @throws Error that names the file, the tensor and what is wrong with it, or the file system's error.
 */
export function openSafetensors(path: string): Promise<SafetensorsFile> {
  return openFile(path, `openSafetensors: ${path}`);
}

/**
 * Reads a whole .safetensors file; each tensor's bytes are aligned and a block of their own.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from '@bag-of-tricks/safetensors/node';
 *
 * await writeSafetensors('model.safetensors', [
 *   ['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }],
 * ]);
 * const { tensors } = await readSafetensors('model.safetensors');
 * tensors.get('w')?.shape; // [2]
 * ```
 *
 * @throws as `openSafetensors`.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const file = await openFile(path, `readSafetensors: ${path}`);
  try {
    const tensors = new Map<string, SafetensorsTensor>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    return { tensors, metadata: file.metadata };
  } finally {
    await file.close();
  }
}

async function openFile(path: string, source: string): Promise<SafetensorsFile> {
  const handle = await open(path, 'r');
  try {
    const { header, dataStart } = await readHeader(handle, source);
    const tensors = new Map(
      [...header.tensors].map(([name, { dtype, shape, start, end }]) => [
        name,
        { dtype, shape, byteLength: end - start },
      ]),
    );
    return {
      tensors,
      metadata: header.metadata,
      async read(name) {
        const entry = header.tensors.get(name);
        if (!entry) {
          throw new Error(
            `${source}: no tensor ${quote(name)} among the ${tensors.size} in the file. Its names are the keys of tensors.`,
          );
        }
        const { dtype, shape, start, end } = entry;
        return {
          dtype,
          shape,
          data: await readExactly(handle, dataStart + start, end - start, source),
        };
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(
  handle: FileHandle,
  source: string,
): Promise<{ header: Header; dataStart: number }> {
  const { size } = await handle.stat();
  const prefix = await readExactly(handle, 0, Math.min(LENGTH_BYTES, size), source);
  const length = readHeaderLength(prefix, size, source);
  const dataStart = LENGTH_BYTES + length;
  const json = await readExactly(handle, LENGTH_BYTES, length, source);
  return { header: parseHeader(json, size - dataStart, source), dataStart };
}

async function readExactly(
  handle: FileHandle,
  position: number,
  byteLength: number,
  source: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  let done = 0;
  while (done < byteLength) {
    // Node refuses single reads of 2 GiB and more.
    const length = Math.min(byteLength - done, 2 ** 30);
    const { bytesRead } = await handle.read(bytes, done, length, position + done);
    if (bytesRead === 0) {
      throw new Error(
        `${source}: expected ${byteLength} bytes at ${position}, got ${done}. The file became shorter while it was read.`,
      );
    }
    done += bytesRead;
  }
  return bytes;
}
