import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BadImageError } from '../bad-image-error.ts';
import { readImageFile } from './read-image-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-'));
});
afterEach(() => rm(folder, { recursive: true }));
const path = () => join(folder, 'x.jpg');
const reading = () => readImageFile(path(), () => 'x.jpg');

const faults = {
  'a folder': [() => mkdir(path()), 'is a folder'],
  'a link to itself': [() => symlink('x.jpg', path()), 'is a link that leads back to itself'],
  'a link that leads nowhere': [() => symlink('nothing', path()), 'does not exist (any more)'],
  'a named pipe': [() => execFileSync('mkfifo', [path()]), 'is not a regular file'],
  'an empty file': [() => writeFile(path(), ''), 'is empty'],
} as const;

test.each(Object.entries(faults))(
  '%s is a bad image, and is not waited for',
  async (_, [make, reason]) => {
    await make();
    await expect(reading()).rejects.toThrow(BadImageError);
    await expect(reading()).rejects.toThrow(reason);
  },
);

// For root nothing is forbidden.
test.skipIf(process.getuid?.() === 0)('a file that may not be read is a bad image', async () => {
  await writeFile(path(), 'pixels');
  await chmod(path(), 0);
  await expect(reading()).rejects.toThrow(BadImageError);
  await expect(reading()).rejects.toThrow('permission denied');
});

test('a file comes back whole, in a buffer of its own', async () => {
  const bytes = Buffer.alloc(200_000, 'pixels');
  await writeFile(path(), bytes);
  const read = await reading();
  expect(bytes.equals(read)).toBe(true);
  expect(read.buffer.byteLength).toBe(bytes.length);
});
