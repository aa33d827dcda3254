import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { removeLeftovers, writeFolderWhole, writeLinkWhole } from './index.ts';

/** What fails as if a file were open on Windows. */
let failing: (call: 'rm' | 'rename', path: string) => boolean = () => false;
const busy = () => Object.assign(new Error('EBUSY'), { code: 'EBUSY' });

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  return {
    ...real,
    rm: async (...args: Parameters<typeof real.rm>) => {
      if (failing('rm', String(args[0]))) throw busy();
      await real.rm(...args);
    },
    rename: async (from: string, to: string) => {
      if (failing('rename', from)) throw busy();
      await real.rename(from, to);
    },
  };
});

let root = '';
const content = () => readFileSync(join(root, 'a', 'x'), 'utf8');

beforeEach(async () => {
  failing = () => false;
  root = mkdtempSync(join(tmpdir(), 'folder-'));
  await writeFolderWhole(join(root, 'a'), { x: 'old' });
});

test('an old folder that cannot be deleted is a leftover, and the new one is there', async () => {
  let moved = false;
  failing = (call, path) => {
    moved ||= call === 'rename' && path.endsWith('/a');
    return moved && call === 'rm' && path.endsWith('-deleted');
  };
  await writeFolderWhole(join(root, 'a'), { x: 'new' });
  expect(content()).toBe('new');
  expect(readdirSync(root)).toHaveLength(2);
  failing = () => false;
  await removeLeftovers(root);
  expect(readdirSync(root)).toEqual(['a']);
});

test('where the new folder does not get its name the old one is back', async () => {
  failing = (call, path) => call === 'rename' && path.endsWith(`-${process.pid}`);
  await expect(writeFolderWhole(join(root, 'a'), { x: 'new' })).rejects.toThrow('EBUSY');
  expect(content()).toBe('old');
  expect(readdirSync(root)).toEqual(['a']);
});

test('where Windows refuses to rename over a link it is deleted first, and no stale one is left', async () => {
  const link = join(root, 'last');
  await writeFolderWhole(join(root, 'b'), {});
  await writeLinkWhole(link, 'a');
  failing = (call) => call === 'rename' && existsSync(link);
  await expect(writeLinkWhole(link, 'b', 'linux')).rejects.toThrow('EBUSY');
  expect(readlinkSync(link)).toBe('a');
  await writeLinkWhole(link, 'b', 'win32');
  expect(readlinkSync(link)).toBe('b');
  expect(readdirSync(root)).toEqual(['a', 'b', 'last']);
});
