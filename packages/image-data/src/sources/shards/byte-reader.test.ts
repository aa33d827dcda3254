import type { FileHandle } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readExactly } from './byte-reader.ts';

test('more than 2 GiB are read in parts, which Node can take', async () => {
  const wanted: number[] = [];
  const file = {
    // The pages of memory that nobody writes to cost nothing.
    read: async (_bytes: Buffer, _at: number, length: number) => {
      wanted.push(length);
      return { bytesRead: Math.min(length, 2 ** 29) };
    },
  } as unknown as FileHandle;
  const length = 2 ** 31 + 10;
  expect((await readExactly(file, 0, length)).length).toBe(length);
  expect(Math.max(...wanted)).toBeLessThan(2 ** 31);
});
