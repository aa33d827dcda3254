import type * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { openRows, syncRows, writeFileWhole, writeFolderWhole, writeWholeSync } from './index.ts';
import { syncFolder, syncFolderSync } from './sync-folder.ts';

/** What was written, synced and renamed, in order; names of process and chance are left out. */
const calls: string[] = [];
let root = '';
const named = (path: unknown) =>
  relative(root, String(path))
    .replace(/\.[0-9a-f-]{36}\./, '.')
    .replace(`-${process.pid}`, '') || '.';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const file = await real.open(...args);
      const { sync, writeFile } = file;
      file.sync = () => sync.call(file).finally(() => calls.push(`sync ${named(args[0])}`));
      file.writeFile = (...given) =>
        writeFile.apply(file, given).finally(() => calls.push(`write ${named(args[0])}`));
      return file;
    },
    rename: async (from: string, to: string) => {
      await real.rename(from, to);
      calls.push(`rename ${named(to)}`);
    },
  };
});
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const paths = new Map<unknown, unknown>();
  return {
    ...real,
    openSync: (...args: Parameters<typeof real.openSync>) => {
      const file = real.openSync(...args);
      paths.set(file, args[0]);
      return file;
    },
    writeFileSync: (...args: Parameters<typeof real.writeFileSync>) => {
      real.writeFileSync(...args);
      if (paths.has(args[0])) calls.push(`write ${named(paths.get(args[0]))}`);
    },
    fsyncSync: (file: number) => {
      real.fsyncSync(file);
      calls.push(`sync ${named(paths.get(file))}`);
    },
    renameSync: (from: string, to: string) => {
      real.renameSync(from, to);
      calls.push(`rename ${named(to)}`);
    },
  };
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'order-'));
  calls.length = 0;
});

test('of a folder every file is on the disk, then its names, then its own name', async () => {
  mkdirSync(join(root, 'checkpoints'));
  await writeFolderWhole(join(root, 'checkpoints', 'a'), { one: '1', two: '2' });
  const temporary = 'checkpoints/.tmp-a';
  expect(calls).toEqual([
    ...[`write ${temporary}/one`, `sync ${temporary}/one`],
    ...[`write ${temporary}/two`, `sync ${temporary}/two`],
    ...[`sync ${temporary}`, 'rename checkpoints/a', 'sync checkpoints'],
  ]);
});

const whole = ['write a.unfinished', 'sync a.unfinished', 'rename a', 'sync .'];

test('a file is on the disk before it has its name, and the name before the call is done', async () => {
  await writeFileWhole(join(root, 'a'), '1');
  expect(calls).toEqual(whole);
});

test('the same holds for a file that is written at once', () => {
  writeWholeSync(join(root, 'a'), '1');
  expect(calls).toEqual(whole);
  calls.length = 0;
  writeWholeSync(join(root, 'a'), '2', { fsync: false });
  expect(calls).toEqual(['write a.unfinished', 'rename a']);
});

test('the same holds for rows under another header, and rows are synced when that is asked', async () => {
  writeFileSync(join(root, 'a'), 'n\n1\n');
  openRows(join(root, 'a'), { stays: () => true, header: 'n,x' });
  expect(calls).toEqual(whole);
  calls.length = 0;
  await syncRows(join(root, 'a'));
  expect(calls).toEqual(['sync a']);
});

test('on Windows a folder is not opened to be synced', async () => {
  const nowhere = join(root, 'nowhere');
  await syncFolder(nowhere, 'win32');
  syncFolderSync(nowhere, 'win32');
  await expect(syncFolder(nowhere, 'darwin')).rejects.toThrow('ENOENT');
  expect(() => syncFolderSync(nowhere, 'darwin')).toThrow('ENOENT');
});
