import { type FileHandle, open } from 'node:fs/promises';
import { writeWhole } from '@bag-of-tricks/durable-files';
import { checkedBytes } from './bytes.ts';
import { type Layout, layOut } from './layout.ts';
import type { SerializeOptions } from './serialize.ts';
import type { TensorInfo } from './tensor.ts';

/** A tensor to write; `data` may be a function, which is called when its turn comes, so that only one tensor is in memory. */
export interface SafetensorsSource extends TensorInfo {
  readonly data: ArrayBufferView | (() => ArrayBufferView | Promise<ArrayBufferView>);
}

export interface WriteOptions extends SerializeOptions {
  /** Write to a temporary name beside `path` and rename it when complete, so that `path` is never half a file. Default true. */
  readonly atomic?: boolean;
  /** Wait until the bytes (and the rename) are on the disk. Default true. */
  readonly fsync?: boolean;
}

/**
 * Writes a .safetensors file tensor by tensor, byte for byte as `serializeSafetensors` would.
 *
 * `tensors` is a Map or any iterable of [name, {dtype, shape, data}]. Everything that can be checked beforehand is checked before a file is touched. When
 * writing fails, an atomic write leaves whatever was at `path`; one that is not atomic leaves an incomplete file.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
 *
 * await writeSafetensors('model.safetensors', [
 *   ['w', { dtype: 'F32', shape: [2], data: async () => Float32Array.of(1, 2) }],
 * ]);
 * ```
 *
 * @throws RangeError or TypeError that names the tensor that cannot be written, or the file system's error.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: SafetensorsSource]>,
  { metadata, atomic = true, fsync = true }: WriteOptions = {},
): Promise<void> {
  const source = `writeSafetensors: ${path}`;
  const layout = layOut(tensors, metadata, source);
  for (const { name, entry, byteLength } of layout.tensors) {
    if (typeof entry.data !== 'function') checkedBytes(name, entry.data, byteLength, source);
  }
  const writeTo = (file: FileHandle) => writeTensors(file, layout, source);
  if (atomic) return writeWhole(path, writeTo, { fsync });
  const file = await open(path, 'w');
  try {
    await writeTo(file);
    if (fsync) await file.sync();
  } finally {
    await file.close();
  }
}

async function writeTensors(
  file: FileHandle,
  layout: Layout<SafetensorsSource>,
  source: string,
): Promise<void> {
  await writeAll(file, layout.head);
  for (const { name, entry, byteLength } of layout.tensors) {
    const data = typeof entry.data === 'function' ? await entry.data() : entry.data;
    await writeAll(file, checkedBytes(name, data, byteLength, source));
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    // Node refuses single writes of 2 GiB and more.
    const length = Math.min(bytes.length - done, 2 ** 30);
    done += (await handle.write(bytes, done, length)).bytesWritten;
  }
}
