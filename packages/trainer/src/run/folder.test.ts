import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { createRunFolder } from './folder.ts';

const output = mkdtempSync(join(tmpdir(), 'folder-'));
const options = { imageSize: 28, now: new Date(2026, 10, 25, 10, 15) };

const create = (changes: TrainConfigInput, more: { pluginModules?: string[] } = {}) =>
  createRunFolder(parseConfig({ dataset: 'synthetic', output, ...changes }, { ownParts: true }), {
    ...options,
    ...more,
  });

test('a run folder is made with those above it, and a network of any name stays within it', () => {
  const folder = create({ output: join(output, 'a', 'b'), model: '../my/net 2' });
  expect(basename(folder)).toBe('20261125-101500-..-my-net-2-28');
  expect(existsSync(join(output, 'a', 'b', basename(folder), 'checkpoints'))).toBe(true);
});

test('args.yaml begins with the command that runs it again, plug-ins included', () => {
  const folder = create({ experiment: 'again' }, { pluginModules: ['./noise.mjs', 'nets'] });
  const file = join(folder, 'args.yaml');
  const [head] = readFileSync(file, 'utf8').split('\n');
  expect(head).toBe(`# bag-of-tricks train --config ${file} --plugin ./noise.mjs --plugin nets`);
});

test('an output that takes no folders is an error that says so, and no hang', () => {
  const file = join(output, 'file');
  writeFileSync(file, '');
  expect(() => create({ output: file })).toThrow(
    /file: expected a folder that run folders can be made in, got ENOTDIR .*Give another --output/,
  );
  expect(() => create({ output: '/proc/x' })).toThrow(/\/proc\/x: expected a folder .*got E/);
});
