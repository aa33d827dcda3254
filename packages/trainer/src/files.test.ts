import {
  existsSync,
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
import { pointLink, pruneUnlinked, readPart, writeFolderAtomically } from './files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});

test('a folder appears whole, under its name, with nothing temporary left', async () => {
  await writeFolderAtomically(join(folder, 'epoch-1'), {
    'a.txt': 'one',
    b: new Uint8Array([1, 2]),
  });
  expect(readdirSync(folder)).toEqual(['epoch-1']);
  expect(readFileSync(join(folder, 'epoch-1', 'a.txt'), 'utf8')).toBe('one');
});

test('a folder that is there is not written again', async () => {
  await writeFolderAtomically(join(folder, 'epoch-1'), { a: 'first' });
  await writeFolderAtomically(join(folder, 'epoch-1'), { a: 'second' });
  expect(readFileSync(join(folder, 'epoch-1', 'a'), 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['epoch-1']);
});

test('what a killed process left under the temporary name does not get in', async () => {
  const leftover = join(folder, `.tmp-epoch-1-${process.pid}`);
  mkdirSync(leftover);
  writeFileSync(join(leftover, 'half'), 'x');
  await writeFolderAtomically(join(folder, 'epoch-1'), { a: 'whole' });
  expect(readdirSync(join(folder, 'epoch-1'))).toEqual(['a']);
});

test('a link moves from one target to the next', async () => {
  await pointLink(folder, 'last', 'epoch-1');
  await pointLink(folder, 'last', 'epoch-2');
  expect(readlinkSync(join(folder, 'last'))).toBe('epoch-2');
});

test('pruning keeps what a link names and deletes other checkpoints and leftovers', async () => {
  for (const name of ['epoch-1', 'epoch-2', 'epoch-3', '.tmp-epoch-4-99', 'notes'])
    mkdirSync(join(folder, name));
  await pointLink(folder, 'last', 'epoch-3');
  await pointLink(folder, 'best', 'epoch-1');
  await pruneUnlinked(folder, ['last', 'best']);
  expect(readdirSync(folder).sort()).toEqual(['best', 'epoch-1', 'epoch-3', 'last', 'notes']);
  expect(existsSync(join(folder, 'last'))).toBe(true);
});

test('a missing part of a checkpoint is an error that names the file', async () => {
  await expect(readPart(folder, 'state.json')).rejects.toThrow(
    /expected a readable file state\.json, got ENOENT/,
  );
});
