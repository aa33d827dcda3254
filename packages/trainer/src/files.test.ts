import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLinkWhole } from '@bag-of-tricks/durable-files';
import { beforeEach, expect, test } from 'vitest';
import { pruneUnlinked, readPart } from './files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});

test('pruning keeps what a link names and deletes other checkpoints and leftovers', async () => {
  for (const name of ['epoch-1', 'epoch-2', 'epoch-3', '.tmp-epoch-4-99', 'notes'])
    mkdirSync(join(folder, name));
  await writeLinkWhole(join(folder, 'last'), 'epoch-3');
  await writeLinkWhole(join(folder, 'best'), 'epoch-1');
  await pruneUnlinked(folder, ['last', 'best']);
  expect(readdirSync(folder).sort()).toEqual(['best', 'epoch-1', 'epoch-3', 'last', 'notes']);
  expect(existsSync(join(folder, 'last'))).toBe(true);
});

test('a missing part of a checkpoint is an error that names the file', async () => {
  await expect(readPart(folder, 'state.json')).rejects.toThrow(
    /expected a readable file state\.json, got ENOENT/,
  );
});
