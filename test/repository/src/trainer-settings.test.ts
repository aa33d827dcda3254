// What the documentation says of the trainer's flags and settings is what the trainer has.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseConfig } from '@bag-of-tricks/trainer';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { read, repositoryFiles, root } from './workspace.ts';

const command = join(root, 'packages', 'trainer', 'dist', 'cli', 'main.js');
const flagsOf = (subcommand: string) => {
  const help = execFileSync(process.execPath, [command, subcommand, '--help'], {
    encoding: 'utf8',
  });
  return [...help.matchAll(/^ {2}(?:-[a-z], )?(--[a-z-]+)/gm)].map(([, flag]) => flag!);
};

const readmes = repositoryFiles('README.md', 'packages/*/README.md', 'CONTRIBUTING.md');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, block]) => block!,
  );

test.each(['train', 'eval', 'prepare'])('every flag of `%s` in an example exists', (subcommand) => {
  const known = new Set(flagsOf(subcommand));
  const called = new RegExp(`bag-of-tricks(?:/trainer)? ${subcommand} ([^#\n]*)`, 'g');
  const used = readmes.flatMap((path) =>
    blocks(read(path), 'sh').flatMap((block) =>
      [...block.matchAll(called)].flatMap(([, rest = '']) =>
        [...rest.matchAll(/(?<= |^)--[a-z-]+/g)].map(([flag]) => ({ path, flag })),
      ),
    ),
  );
  if (subcommand === 'train') expect(used.length).toBeGreaterThan(20);
  expect(used.filter(({ flag }) => !known.has(flag))).toEqual([]);
});

test("every flag of `train` is in the trainer's README, and every one there exists", () => {
  const known = flagsOf('train').filter((flag) => flag !== '--help');
  const text = read('packages/trainer/README.md');
  const section = text.slice(text.indexOf('## Flags'), text.indexOf('## The run folder'));
  const named = [...section.matchAll(/`[^`\n]*?(--[a-z][a-z-]*)/g)].map(([, flag]) => flag!);
  const flags = new Set(named.filter((flag) => flag !== '--help'));
  expect([...flags].sort()).toEqual([...known].sort());
});

test('every recipe in the documentation is one', () => {
  const recipes = readmes.flatMap((path) =>
    blocks(read(path), 'yaml').map((block) => ({ path, recipe: parse(block) as object })),
  );
  expect(recipes.length).toBeGreaterThan(8);
  for (const { path, recipe } of recipes) {
    expect(() => parseConfig({ dataset: 'synthetic', ...recipe }), path).not.toThrow();
  }
});
