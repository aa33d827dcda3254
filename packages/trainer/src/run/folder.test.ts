import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { beginIn, createRunFolder } from './folder.ts';

const output = mkdtempSync(join(tmpdir(), 'folder-'));
const options = { imageSize: 28, now: new Date(2026, 10, 25, 10, 15) };

const configOf = (changes: TrainConfigInput) =>
  parseConfig({ dataset: 'synthetic', output, ...changes }, { ownParts: true });
const create = (changes: TrainConfigInput) => createRunFolder(configOf(changes), options);
const begin = async (folder: string, pluginModules: string[] = []) => {
  const said: string[] = [];
  await beginIn(folder, configOf({}), { pluginModules, say: (line) => void said.push(line) });
  return said;
};

test('a run folder is made with those above it, and a network of any name stays within it', () => {
  const folder = create({ output: join(output, 'a', 'b'), model: '../my/net 2' });
  expect(basename(folder)).toBe('20261125-101500-..-my-net-2-28');
  expect(existsSync(join(output, 'a', 'b', basename(folder), 'checkpoints'))).toBe(true);
});

test('args.yaml begins with the command that runs it again, plug-ins included, in one line', async () => {
  const folder = create({ experiment: 'again' });
  await begin(folder, ['./noise.mjs', 'nets\nepochs: 1']);
  const [head, next] = readFileSync(join(folder, 'args.yaml'), 'utf8').split('\n');
  expect(head).toBe(
    `# npx @bag-of-tricks/trainer train --config ${join(folder, 'args.yaml')} --plugin ./noise.mjs --plugin nets\\nepochs: 1`,
  );
  expect(next).toMatch(/^model: /);
});

test('an experiment begins anew where nothing was trained, says so, and never where anything was', async () => {
  const killed = create({ experiment: 'killed' });
  expect(await begin(killed)).toEqual([]);
  mkdirSync(join(killed, 'checkpoints', '.tmp-epoch-0001-step-00000004'));
  expect(create({ experiment: 'killed' })).toBe(killed);
  expect(await begin(killed)).toEqual([expect.stringMatching(/killed: .* It begins anew$/)]);
  // Between the two another process was faster.
  mkdirSync(join(killed, 'checkpoints', 'epoch-0001-step-00000004'));
  await expect(begin(killed)).rejects.toThrow(/expected a new folder, it exists/);
  expect(() => create({ experiment: 'killed' })).toThrow(/it exists\. .* --resume/);
  const foreign = create({ experiment: 'foreign' });
  writeFileSync(join(foreign, 'thesis.tex'), '');
  expect(() => create({ experiment: 'foreign' })).toThrow(/expected a new folder, it exists/);
});

test('an output that takes no folders is an error that says so, and no hang', () => {
  const file = join(output, 'file');
  writeFileSync(file, '');
  expect(() => create({ output: file })).toThrow(
    /file: expected a folder that run folders can be made in, got ENOTDIR .*Give another --output/,
  );
  expect(() => create({ output: '/proc/x' })).toThrow(/\/proc\/x: expected a folder .*got E/);
});
