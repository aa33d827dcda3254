import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { createRunFolder, type RunFolderOptions } from './folder.ts';

const output = mkdtempSync(join(tmpdir(), 'folder-'));

const create = (changes: Partial<RunFolderOptions>) =>
  createRunFolder({
    ...{ output, experiment: null, model: 'resnet50d', imageSize: 28 },
    now: new Date(2026, 10, 25, 10, 15),
    args: (path) => `# ${path}\n`,
    ...changes,
  });

test('a run folder is made with those above it, and a network of any name stays within it', () => {
  const folder = create({ output: join(output, 'a', 'b'), model: '../my/net 2' });
  expect(basename(folder)).toBe('20261125-101500-..-my-net-2-28');
  expect(existsSync(join(output, 'a', 'b', basename(folder), 'checkpoints'))).toBe(true);
});

test('of two runs in one second the second has a number, and args.yaml knows where it is', () => {
  const [one, two] = [create({}), create({})];
  expect(two).toBe(`${one}-2`);
  const file = join(two, 'args.yaml');
  expect(readFileSync(file, 'utf8')).toBe(`# ${file}\n`);
});

test('the folder of an experiment is never used twice', () => {
  create({ experiment: 'once' });
  expect(() => create({ experiment: 'once' })).toThrow(/it exists\. Give another --experiment/);
});

test('an output that takes no folders is an error that says so, and no hang', () => {
  const file = join(output, 'file');
  writeFileSync(file, '');
  expect(() => create({ output: file })).toThrow(
    /file: expected a folder that run folders can be made in, got ENOTDIR .*Give another --output/,
  );
  expect(() => create({ output: '/proc/x' })).toThrow(/\/proc\/x: expected a folder .*got E/);
});
