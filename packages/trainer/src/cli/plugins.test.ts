// Modules of --plugin, as the project in the working directory has them.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTrick, type Trick } from '@bag-of-tricks/train-step';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { withPlugins } from '../config/known-tricks.ts';
import { parseConfig } from '../config/parse.ts';
import { describeOff, loadPlugins } from './plugins.ts';

const project = mkdtempSync(join(tmpdir(), 'plugins-'));
const before = process.cwd();
const load = (module: string) => loadPlugins(['node', 'cli', 'train', '--plugin', module]);

beforeAll(() => {
  const folder = join(project, 'node_modules', 'my-trick');
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'my-trick', type: 'module', exports: { import: './trick.js' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const trick = "export const mine = Object.assign(() => {}, { definition: { name: 'mine' } });";
  writeFileSync(join(folder, 'trick.js'), trick);
  writeFileSync(join(project, 'lacking.mjs'), "import 'not-installed';");
  process.chdir(project);
});
afterAll(() => process.chdir(before));

test('a package is looked for in the working directory, not beside the trainer', async () => {
  const { tricks, modules } = await load('my-trick');
  expect(tricks.map(({ definition }) => definition.name)).toEqual(['mine']);
  expect(modules).toEqual(['my-trick']);
});

test.each([
  ['my-trik', /--plugin my-trik: expected a module that can be imported, got .*my-trik/],
  ['./nowhere.mjs', /--plugin \.\/nowhere\.mjs: expected a module that can be imported/],
  ['./lacking.mjs', /whose own imports are there, got .*not-installed.*Install what it imports/],
])('%s is an error that says what is missing', async (module, message) => {
  await expect(load(module)).rejects.toThrow(message);
});

test('a trick that is loaded and off is said to be, with what switches it on', () => {
  const parts = { description: 'none', build: () => ({}) };
  const plain = defineTrick({ ...parts, name: 'plain', settings: {} });
  const flagged = defineTrick({
    ...{ ...parts, name: 'flagged', settings: { amount: z.number().default(1) } },
    flags: [
      ['--no-flagged', null, 'off'],
      ['--flagged <amount>', 'amount'],
    ],
  });
  const tricks = [plain, flagged] as unknown as Trick[];
  const known = withPlugins(tricks);
  const config = parseConfig({ dataset: 'synthetic' }, { known });
  expect(describeOff(tricks, config)).toEqual([
    'plain: loaded and off. --set plain={} or the recipe switch it on',
    'flagged: loaded and off. --flagged <amount> switches it on',
  ]);
  const on = parseConfig({ dataset: 'synthetic', plain: true, flagged: {} }, { known });
  expect(describeOff(tricks, on)).toEqual([]);
});
