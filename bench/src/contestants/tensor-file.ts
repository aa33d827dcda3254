import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A tensor on its way from one process to another. */
export interface FileTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

interface IndexEntry {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  /** Bytes from the start of `tensors.bin`. */
  readonly offset: number;
  readonly count: number;
}

/** Writes tensors to a folder: raw little-endian values, one after another, and an index of them. */
export async function writeTensors(
  folder: string,
  tensors: Readonly<Record<string, FileTensor>>,
): Promise<void> {
  let offset = 0;
  const index = Object.entries(tensors).map(([name, { shape, data }]): IndexEntry => {
    const dtype = data instanceof Float32Array ? 'float32' : 'int32';
    const entry = { name, dtype, shape, offset, count: data.length } as const;
    offset += data.byteLength;
    return entry;
  });
  const bytes = Object.values(tensors).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tensors.bin'), Buffer.concat(bytes));
  await writeFile(join(folder, 'tensors.json'), JSON.stringify(index));
}

/** Reads what `writeTensors` has written. */
export async function readTensors(folder: string): Promise<Record<string, FileTensor>> {
  const index: IndexEntry[] = JSON.parse(await readFile(join(folder, 'tensors.json'), 'utf8'));
  const { buffer, byteOffset } = await readFile(join(folder, 'tensors.bin'));
  return Object.fromEntries(
    index.map(({ name, dtype, shape, offset, count }) => {
      const values = buffer.slice(byteOffset + offset, byteOffset + offset + 4 * count);
      const data = dtype === 'float32' ? new Float32Array(values) : new Int32Array(values);
      return [name, { shape, data }];
    }),
  );
}
