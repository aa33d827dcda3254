import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeftover } from '@bag-of-tricks/durable-files';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serializeSafetensors, toFloat32Array } from './index.ts';
import {
  openSafetensors,
  readSafetensors,
  type SafetensorsSource,
  writeSafetensors,
} from './node.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
  path = join(folder, 'model.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

const weight = { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
const bias = { dtype: 'F32', shape: [2], data: Float32Array.of(5, 6) } as const;
const counter = { dtype: 'U8', shape: [1], data: Uint8Array.of(7) } as const;
const tensors = Object.entries({ weight, bias, counter });
const metadata = { step: '12' };

describe('writeSafetensors', () => {
  test.each([true, false])(
    'writes the bytes of serializeSafetensors, atomic: %s',
    async (atomic) => {
      await writeFile(path, 'x'.repeat(1000));
      await writeSafetensors(path, new Map(tensors), { metadata, atomic, fsync: atomic });
      const expected = serializeSafetensors(tensors, { metadata });
      expect(Buffer.compare(await readFile(path), expected)).toBe(0);
      expect(await readdir(folder)).toEqual(['model.safetensors']);
    },
  );

  test('asks for one tensor at a time, in the order of the file', async () => {
    const events: string[] = [];
    const lazy = tensors.map(([name, tensor]): [string, SafetensorsSource] => [
      name,
      {
        ...tensor,
        data: async () => {
          events.push(`start ${name}`);
          await new Promise((resolve) => setTimeout(resolve, 1));
          events.push(`end ${name}`);
          return tensor.data;
        },
      },
    ]);
    await writeSafetensors(path, lazy, { metadata });
    const order = ['bias', 'weight', 'counter'];
    expect(events).toEqual(order.flatMap((name) => [`start ${name}`, `end ${name}`]));
    expect(Buffer.compare(await readFile(path), serializeSafetensors(tensors, { metadata }))).toBe(
      0,
    );
  });

  test('leaves the file that was there, and nothing else, when a tensor fails half-way', async () => {
    await writeSafetensors(path, tensors);
    const before = await readFile(path);
    const fails = (data: SafetensorsSource['data']) =>
      writeSafetensors(path, [...tensors, ['late', { dtype: 'U8', shape: [1], data }]]);
    await expect(
      fails(() => {
        throw new Error('the GPU is gone');
      }),
    ).rejects.toThrow('the GPU is gone');
    await expect(fails(() => new Uint8Array(2))).rejects.toThrow(
      `writeSafetensors: ${path}: expected 1 bytes for tensor "late", got 2.`,
    );
    expect(Buffer.compare(await readFile(path), before)).toBe(0);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  test('what a process that is killed half-way leaves is deleted as of any durable file', async () => {
    let names: string[] = [];
    const data = async () => {
      names = await readdir(folder);
      return bias.data;
    };
    await writeSafetensors(path, [['bias', { ...bias, data }]]);
    expect(names.map(isLeftover)).toEqual([true]);
  });

  test('touches no file when the input is known to be wrong', async () => {
    const wrong = { ...weight, shape: [3] };
    await expect(writeSafetensors(path, [['w', wrong]], { atomic: false })).rejects.toThrow(
      /expected 12 bytes for tensor "w", got 16/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('reports a folder that does not exist', async () => {
    await expect(writeSafetensors(join(folder, 'no', 'file'), tensors)).rejects.toThrow(/ENOENT/);
  });
});

describe('readSafetensors and openSafetensors', () => {
  test('read back what was written, aligned and in blocks of their own', async () => {
    await writeSafetensors(path, tensors, { metadata });
    const read = await readSafetensors(path);
    expect(read.metadata).toEqual(metadata);
    expect([...read.tensors.keys()]).toEqual(['bias', 'weight', 'counter']);
    expect(toFloat32Array(read.tensors.get('weight')!)).toEqual(weight.data);
    expect(read.tensors.get('bias')!.data.buffer.byteLength).toBe(8);
  });

  test('the header is known before any tensor is read, and tensors come in any order', async () => {
    await writeSafetensors(path, tensors, { metadata });
    const file = await openSafetensors(path);
    expect(file.metadata).toEqual(metadata);
    expect(file.tensors.get('weight')).toEqual({ dtype: 'F32', shape: [2, 2], byteLength: 16 });
    expect((await file.read('counter')).data).toEqual(counter.data);
    expect(toFloat32Array(await file.read('weight'))).toEqual(weight.data);
    await expect(file.read('wieght')).rejects.toThrow(
      `openSafetensors: ${path}: no tensor "wieght" among the 3 in the file.`,
    );
    await file.close();
  });

  test.each([0, 7, 8, 20, 210])(
    'a file cut to %i bytes names itself and the trouble',
    async (size) => {
      await writeSafetensors(path, tensors);
      expect((await stat(path)).size).toBeGreaterThan(size);
      await truncate(path, size);
      await expect(readSafetensors(path)).rejects.toThrow(
        new RegExp(`^readSafetensors: ${path}: .*truncated`),
      );
    },
  );

  test('a file that shrinks while it is open is an error, not zeros', async () => {
    await writeSafetensors(path, tensors);
    const file = await openSafetensors(path);
    await truncate(path, (await stat(path)).size - 1);
    await expect(file.read('counter')).rejects.toThrow(/became shorter/);
    await file.close();
  });

  test('a claim of a huge header or tensor allocates nothing', async () => {
    const claim = new Uint8Array(64);
    new DataView(claim.buffer).setBigUint64(0, 99_999_999n, true);
    await writeFile(path, claim);
    await expect(readSafetensors(path)).rejects.toThrow(/expected a header of 99999999 bytes/);
    const header = '{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}';
    const huge = new Uint8Array(8 + header.length);
    new DataView(huge.buffer).setBigUint64(0, BigInt(header.length), true);
    huge.set(new TextEncoder().encode(header), 8);
    await writeFile(path, huge);
    await expect(openSafetensors(path)).rejects.toThrow(
      /tensor "a" ends at data byte 1099511627776, but the file holds 0\. The file is truncated/,
    );
  });

  test('a missing file is the file system’s error', async () => {
    await expect(openSafetensors(path)).rejects.toThrow(/ENOENT.*model\.safetensors/);
  });
});
