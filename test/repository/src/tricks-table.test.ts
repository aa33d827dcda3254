import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatTable, readTricks, replaceTable } from '../../../scripts/tricks-table.mjs';
import { tricks } from './dependency-rules.ts';
import { packages, read, root } from './workspace.ts';

test('the table of tricks in README.md is up to date', () => {
  const readme = read('README.md');
  expect(readme, 'Run `pnpm docs:table`.').toBe(replaceTable(readme, formatTable(readTricks())));
});

test('every trick is in the table', () => {
  const names = readTricks().map(({ name }) => name);
  expect(names.sort()).toEqual([...tricks].sort());
});

test('every public package stands in README.md', () => {
  const readme = read('README.md');
  const names = packages.flatMap(({ name, manifest }) => (manifest.private ? [] : [name]));
  expect(names.length).toBeGreaterThan(20);
  expect(
    names.filter((name) => !readme.includes(`| [${name}](packages/${name}/README.md) |`)),
  ).toEqual([]);
});

test('every flag in the table is one of the trainer', () => {
  const command = join(root, 'packages', 'trainer', 'dist', 'cli', 'main.js');
  const options = { encoding: 'utf8' } as const;
  const help = execFileSync(process.execPath, [command, 'train', '--help'], options);
  const known = new Set(help.match(/(?<=^ +(-[a-z], )?)--[a-z-]+/gm));
  const flags = readTricks().flatMap(({ flag }) => (flag === '' ? [] : flag.split(', ')));
  expect(flags.length).toBeGreaterThan(5);
  expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
});

test('a row links to the package and sets functions and flags as code', () => {
  const table = formatTable([
    {
      name: 'mixup',
      tldr: 'a|b',
      paper: 'section 5.4',
      section: '5.4',
      functions: ['mixup', 'sampleBeta'],
      default: 'alpha 0.2',
      flag: '--mixup, --cutmix',
    },
  ]);
  expect(table.split('\n')[2]).toBe(
    '| [mixup](packages/mixup/README.md) | a\\|b | section 5.4 | `mixup`, `sampleBeta` | alpha 0.2 | `--mixup`, `--cutmix` |',
  );
});

test('a trick that the trainer does not offer yet says so', () => {
  const [first] = readTricks();
  expect(formatTable([{ ...first!, flag: '' }])).toMatch(/\| not yet \|$/);
});

test('only what is between the markers is replaced', () => {
  const text = (table: string) => `a\n<!-- tricks:start -->\n${table}\n<!-- tricks:end -->\nb\n`;
  expect(replaceTable(text('old'), 'new')).toBe(text('new'));
  expect(replaceTable(text('new'), 'new')).toBe(text('new'));
  expect(() => replaceTable('no markers', 'new')).toThrow('expected the markers');
});
