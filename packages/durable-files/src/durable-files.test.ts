import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import {
  probeFolder,
  removeLeftovers,
  removeLeftoversOf,
  writeFileWhole,
  writeFolderWhole,
  writeLinkWhole,
  writeWhole,
  writeWholeSync,
} from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-files-'));
});

test('a file is the old one until the whole new one is there', async () => {
  const path = join(folder, 'a.txt');
  await writeFileWhole(path, 'old');
  const written = await writeWhole(path, async (file) => {
    await file.writeFile('ne');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.unfinished'))).toHaveLength(1);
    await file.writeFile('w');
    return 3;
  });
  expect(written).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('a file that cannot be written leaves the old one and nothing else', async () => {
  const path = join(folder, 'a.txt');
  await writeFileWhole(path, new Uint8Array([111, 108, 100]));
  const failing = writeWhole(
    path,
    async () => {
      expect(readdirSync(folder).some((name) => name.endsWith('.part'))).toBe(true);
      throw new Error('no more tensors');
    },
    { suffix: '.part', fsync: false },
  );
  await expect(failing).rejects.toThrow('no more tensors');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('a file that is written at once replaces the old one, and leaves nothing when it cannot', () => {
  const path = join(folder, 'a.txt');
  writeWholeSync(path, 'old');
  writeWholeSync(path, new Uint8Array([110, 101, 119]));
  expect(readFileSync(path, 'utf8')).toBe('new');
  mkdirSync(join(folder, 'b', 'c'), { recursive: true });
  expect(() => writeWholeSync(join(folder, 'b'), 'x')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder)).toEqual(['a.txt', 'b']);
});

test('a folder appears whole, under its name, with nothing temporary left', async () => {
  await writeFolderWhole(join(folder, 'epoch-1'), {
    'a.txt': 'one',
    b: new Uint8Array([1, 2]),
  });
  expect(readdirSync(folder)).toEqual(['epoch-1']);
  expect(readFileSync(join(folder, 'epoch-1', 'a.txt'), 'utf8')).toBe('one');
});

test('a folder that is there is replaced', async () => {
  await writeFolderWhole(join(folder, 'epoch-1'), { a: 'first', b: 'more' });
  await writeFolderWhole(join(folder, 'epoch-1'), { a: 'second' });
  expect(readdirSync(join(folder, 'epoch-1'))).toEqual(['a']);
  expect(readFileSync(join(folder, 'epoch-1', 'a'), 'utf8')).toBe('second');
  expect(readdirSync(folder)).toEqual(['epoch-1']);
});

test('what a killed process left under the temporary name does not get in', async () => {
  const leftover = join(folder, `.tmp-epoch-1-${process.pid}`);
  mkdirSync(leftover);
  writeFileSync(join(leftover, 'half'), 'x');
  await writeFolderWhole(join(folder, 'epoch-1'), { a: 'whole' });
  expect(readdirSync(join(folder, 'epoch-1'))).toEqual(['a']);
});

test('a folder is looked at before it has its name, and one that is refused leaves the old one', async () => {
  const path = join(folder, 'checked');
  const seen: string[][] = [];
  const check = async (written: string) => void seen.push(readdirSync(written));
  await writeFolderWhole(path, { a: 'old' }, { check });
  expect(seen).toEqual([['a']]);
  const refuse = () => Promise.reject(new Error('not what was wanted'));
  const before = readdirSync(folder);
  await expect(writeFolderWhole(path, { a: 'new' }, { check: refuse })).rejects.toThrow('wanted');
  expect(readFileSync(join(path, 'a'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(before);
});

test('a link moves from one target to the next', async () => {
  await writeLinkWhole(join(folder, 'last'), 'epoch-1');
  await writeLinkWhole(join(folder, 'last'), 'epoch-2');
  expect(readlinkSync(join(folder, 'last'))).toBe('epoch-2');
});

test('what a killed process left is deleted, by its name', async () => {
  mkdirSync(join(folder, '.tmp-epoch-1-9', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'env.json.1.unfinished'), '');
  writeFileSync(join(folder, 'notes.txt'), '');
  await removeLeftovers(folder);
  expect(readdirSync(folder)).toEqual(['notes.txt']);
});

test('what killed processes left of one folder is deleted; what others write beside it stays', async () => {
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const others = [
    `.tmp-model-${process.ppid}`,
    `.tmp-model-2-${dead}`,
    `.tmp-other-${dead}`,
    'model',
  ];
  for (const name of [`.tmp-model-${dead}`, `.tmp-model-${dead}-deleted`, ...others])
    mkdirSync(join(folder, name, 'deep'), { recursive: true });
  await removeLeftoversOf(join(folder, 'model'));
  expect(readdirSync(folder).sort()).toEqual(others.sort());
});

test('a folder that is not to be replaced stays, also when it comes while another is written', async () => {
  const path = join(folder, 'model');
  const check = async () => {
    mkdirSync(path);
    writeFileSync(join(path, 'theirs'), '');
  };
  const writing = writeFolderWhole(path, { ours: '' }, { check, replace: false });
  await expect(writing).rejects.toMatchObject({ code: expect.stringMatching(/ENOTEMPTY|EEXIST/) });
  expect(readdirSync(folder)).toEqual(['model']);
  expect(readdirSync(path)).toEqual(['theirs']);
});

test('a file may lie in a folder of the folder', async () => {
  const path = join(folder, 'model');
  await writeFolderWhole(path, { 'a/b.txt': 'b', c: 'c' });
  expect(readdirSync(path, { recursive: true }).sort()).toEqual(['a', 'a/b.txt', 'c']);
});

test('a folder that can be written is left as it was, another is an error', async () => {
  await probeFolder(folder);
  expect(readdirSync(folder)).toEqual([]);
  await expect(probeFolder(join(folder, 'no', '\0'))).rejects.toThrow();
  writeFileSync(join(folder, 'file'), '');
  await expect(probeFolder(join(folder, 'file'))).rejects.toThrow(/ENOTDIR/);
});
