import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { FileListing, ListedFile } from '../source.ts';
import { imageFolder } from './image-folder.ts';
import { listFiles } from './list-files.ts';
import { parquetImages } from './parquet/parquet-images.ts';
import { tarShards } from './tar/tar-shards.ts';

async function all(listing: FileListing | undefined): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  for await (const some of listFiles(listing!)) files.push(...some);
  return files;
}

/** A copy in a folder of its own: opening shards writes an index beside them. */
function copied(name: string): string {
  const copy = join(mkdtempSync(join(tmpdir(), 'listing-')), name);
  copyFileSync(fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url)), copy);
  return copy;
}

test('a folder lists its images below it, with classes and sizes; one that is gone has none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'listing-'));
  for (const [path, bytes] of [
    ['a/1.jpg', 3],
    ['a/deep/2.jpg', 5],
    ['b/3.png', 7],
  ] as const) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), new Uint8Array(bytes));
  }
  const source = await imageFolder(folder);
  expect(await all(source.listing)).toEqual([
    { name: 'a/1.jpg', label: 0, bytes: 3 },
    { name: 'a/deep/2.jpg', label: 0, bytes: 5 },
    { name: 'b/3.png', label: 1, bytes: 7 },
  ]);
  rmSync(join(folder, 'b/3.png'));
  expect((await all(source.listing)).at(-1)).toEqual({ name: 'b/3.png', label: 1, bytes: null });
});

test.each([
  ['tar shards', tarShards, 'ustar.tar'],
  ['Parquet files', parquetImages, 'huggingface.parquet'],
])('%s are listed whole', async (_, open, name) => {
  const source = await open(copied(name));
  const [file, ...others] = await all(source.listing);
  expect(file).toEqual({ name, label: null, bytes: expect.any(Number) });
  expect(file!.bytes).toBeGreaterThan(0);
  expect(others).toEqual([]);
  await source.close();
});

test('of very many files all are named, and the sizes of an even part are asked for', async () => {
  const count = 2 ** 17 + 1;
  let asked = 0;
  const at = (index: number) => ({
    ...{ name: `${index}`, label: 0 },
    path: () => {
      asked += 1;
      return '/nowhere';
    },
  });
  expect((await all({ count, at })).map(({ name }) => name).at(-1)).toBe(`${count - 1}`);
  expect(asked).toBe(Math.ceil(count / 3));
});
