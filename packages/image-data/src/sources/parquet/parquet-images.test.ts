import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BadImageError, type ImageSource, parquetImages } from '../../index.ts';
import { BlockCache } from './block-cache.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parquet-images-'));
});
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
  await rm(root, { recursive: true });
});

const opened: ImageSource[] = [];
/** As `parquetImages`, closed after the test. */
async function open(...args: Parameters<typeof parquetImages>): Promise<ImageSource> {
  const source = await parquetImages(...args);
  opened.push(source);
  return source;
}

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

/** As `fixtures/generate_parquet.py` makes them. */
const IMAGES = Array.from({ length: 7 }, (_, i) => `\xff\xd8image ${String(i).repeat(i + 1)}`);

async function images(source: ImageSource, order: readonly number[]): Promise<string[]> {
  return Promise.all(
    order.map(async (i) => {
      const image = await source.read(i);
      return image.kind === 'encoded' ? Buffer.from(image.bytes).toString('latin1') : 'pixels';
    }),
  );
}

const FORWARDS = [0, 1, 2, 3, 4, 5, 6];

test.each([
  ['row groups', undefined],
  ['pages, where a group fills much of the cache', 0],
])(
  'a file written by datasets is read by %s, with the names of its classes',
  async (_, cacheBytes) => {
    await mkdir(join(root, 'data'));
    await copyFile(fixture('huggingface.parquet'), join(root, 'data/train-00000-of-00002.parquet'));
    await copyFile(fixture('huggingface.parquet'), join(root, 'data/train-00001-of-00002.parquet'));
    const source = await open(root, {
      split: 'train',
      ...(cacheBytes === undefined ? {} : { cacheBytes }),
    });
    expect(source.classNames).toEqual(['tench', 'goldfish', 'shark']);
    expect(source.size).toBe(14);
    expect(Array.from({ length: 14 }, (_, i) => source.label(i))).toEqual(
      [...FORWARDS, ...FORWARDS].map((i) => i % 3),
    );
    expect(await images(source, [...FORWARDS, 13, 6, 10, 0])).toEqual([
      ...IMAGES,
      IMAGES[6],
      IMAGES[6],
      IMAGES[3],
      IMAGES[0],
    ]);
    expect(source.describe(8)).toBe(`${join(root, 'data/train-00001-of-00002.parquet')}:row 1`);
    await expect(source.read(14)).rejects.toThrow(RangeError);
    await source.close();
  },
);

test('other column names, plain bytes, zstd and int32 labels written by pyarrow are read', async () => {
  const path = fixture('plain.parquet');
  await expect(parquetImages(path)).rejects.toThrow(
    /expected a column image or img in .*, found the columns picture, class\. Name the right one with imageColumn/,
  );
  await expect(parquetImages(path, { imageColumn: 'picture' })).rejects.toThrow(
    /expected a column label or labels or fine_label .* with labelColumn/,
  );
  const columns = { imageColumn: 'picture', labelColumn: 'class' };
  const source = await open(path, columns);
  expect(source.classNames).toEqual(['0', '1', '2']);
  expect(await images(source, [6, 5, 4, 3, 2, 1, 0])).toEqual(IMAGES.toReversed());
  await expect(parquetImages(path, { ...columns, classMap: ['a', 'b'] })).rejects.toThrow(
    /got 2 names from classMap and the label 2/,
  );
  expect((await open(path, { ...columns, classMap: ['a', 'b', 'c'] })).classNames[2]).toBe('c');
});

/** Writes a file as pyarrow does, with what `datasets` would never write. */
function write(name: string, image: (object | null)[], label: (number | null)[]): string {
  const path = join(root, name);
  parquetWriteFile({
    filename: path,
    columnData: [
      { name: 'image', data: image },
      { name: 'label', data: label.map((value) => (value === null ? null : BigInt(value))) },
    ],
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
  });
  return path;
}

test('an image without bytes or with none is bad, a label that is no class is an error', async () => {
  const bytes = Buffer.from('image');
  const path = write(
    'a.parquet',
    [{ bytes, path: 'a' }, { bytes: null, path: 'b' }, null, { bytes: Buffer.alloc(0), path: 'd' }],
    [0, 1, 0, 1],
  );
  const source = await open(path);
  expect(await images(source, [0])).toEqual(['image']);
  await expect(source.read(1)).rejects.toThrow(/a\.parquet:row 1: has no bytes in its row/);
  await expect(source.read(2)).rejects.toThrow(/row 2: has no bytes/);
  await expect(source.read(3)).rejects.toThrow(/row 3: is empty/);
  await expect(source.read(3)).rejects.toThrow(BadImageError);
  await expect(parquetImages(write('b.parquet', [{ bytes, path: 'a' }], [-1]))).rejects.toThrow(
    /got -1 in row 0\. A split without labels/,
  );
  await expect(parquetImages(write('c.parquet', [{ bytes, path: 'a' }], [null]))).rejects.toThrow(
    /got (null|undefined) in row 0/,
  );
  await expect(parquetImages(write('d.parquet', [{ bytes, path: 'a' }], [9e8]))).rejects.toThrow(
    /got 900000000 in row 0/,
  );
});

test('what is no Parquet file, or cut off, is told', async () => {
  const path = join(root, 'a.parquet');
  await writeFile(path, 'text');
  await expect(parquetImages(path)).rejects.toThrow(/expected a Parquet file at .*a\.parquet, got/);
  await writeFile(path, '');
  await expect(parquetImages(path)).rejects.toThrow(/expected a Parquet file at/);
  const whole = await readFile(fixture('huggingface.parquet'));
  await writeFile(path, whole.subarray(0, -100));
  await expect(parquetImages(path)).rejects.toThrow(/footer != PAR1.*copy it again/);
  await expect(parquetImages(root, { split: 'val' })).rejects.toThrow(/of the split val/);
  await expect(parquetImages(path, { cacheBytes: Number.NaN })).rejects.toThrow(RangeError);
  await expect(parquetImages(path, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
});

test('the cache holds what was used last, up to its limit, and loads a block once', async () => {
  const cache = new BlockCache<string>(10, (value) => value.length);
  let loads = 0;
  const block = (value: string) => ({
    bytes: value.length,
    load: async () => {
      loads++;
      return value;
    },
  });
  await Promise.all([cache.get(1, block('aaaa')), cache.get(1, block('aaaa'))]);
  await cache.get(2, block('bbbb'));
  expect([loads, cache.bytes]).toEqual([2, 8]);
  await cache.get(1, block('else'));
  await cache.get(3, block('cccc'));
  expect(cache.bytes).toBe(8);
  expect(await cache.get(1, block('else'))).toBe('aaaa');
  expect(await cache.get(2, block('anew'))).toBe('anew');
  const broken = { bytes: 1, load: () => Promise.reject(new Error('broken')) };
  await expect(cache.get(9, broken)).rejects.toThrow('broken');
  expect(await cache.get(9, block('9'))).toBe('9');
  expect(await cache.get(10, block('larger than the limit'))).toBe('larger than the limit');
  expect(cache.bytes).toBeLessThanOrEqual(10);
});

test('blocks under way count too: no more are loaded at once than the limit, a larger one alone', async () => {
  const cache = new BlockCache<number>(100, (bytes) => bytes);
  let loading = 0;
  const peaks: number[] = [];
  const sizes = [40, 40, 40, 250, 40, 90, 10, 250, 250];
  const block = (bytes: number) => ({
    bytes,
    async load() {
      loading += bytes;
      peaks.push(loading);
      await new Promise((resolve) => setTimeout(resolve, 5));
      loading -= bytes;
      if (bytes === 90) throw new Error('broken');
      return bytes;
    },
  });
  const results = await Promise.allSettled(sizes.map((bytes, key) => cache.get(key, block(bytes))));
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(peaks).toHaveLength(sizes.length);
  expect(Math.max(...peaks.filter((peak) => peak !== 250))).toBeLessThanOrEqual(100);
});
