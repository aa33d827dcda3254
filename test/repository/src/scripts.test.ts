import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireCommand, runCommand } from '../../../scripts/lib/command.mjs';
import { childEnvironment, workspaceFolders } from '../../../scripts/lib/environment.mjs';
import { filesBelow, hashContents, hashStates } from '../../../scripts/lib/stamp.mjs';
import { packages, root } from './workspace.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'the scripts-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the scripts start on a Node without anything installed', () => {
  const copy = join(folder, 'scripts');
  execFileSync('cp', ['-r', join(root, 'scripts'), copy]);
  for (const name of ['setup.mjs', 'lib/test-results.mjs', 'tricks-table.mjs']) {
    const load = `await import(${JSON.stringify(join(copy, name))})`;
    execFileSync(process.execPath, ['--input-type=module', '--eval', load], { cwd: folder });
  }
});

test('every published package is in the workspace', () => {
  const folders = workspaceFolders().map((path: string) => relative(root, path));
  expect(folders).toEqual(
    expect.arrayContaining([...packages.map(({ name }) => `packages/${name}`), 'test/repository']),
  );
});

test("no package's scripts run on another Node than the user's", () => {
  // A dependency that brings a `node` command puts it first on PATH there; test/node-versions, where they are kept, has
  // no scripts.
  const shadowed = [root, ...workspaceFolders()].filter(
    (path) =>
      !path.endsWith('node-versions') && existsSync(join(path, 'node_modules', '.bin', 'node')),
  );
  expect(shadowed).toEqual([]);
});

test('a command that fails says what failed, the command, its last lines and what to do', async () => {
  const script = 'for (let i = 1; i <= 40; i++) console.log("line", i); process.exit(3)';
  const failing = requireCommand(process.execPath, ['--eval', script], {
    quiet: true,
    purpose: 'counting',
    advice: 'Count less.',
  });
  await expect(failing).rejects.toThrow(/^counting: this command ended with 3:\n {2}.*--eval/);
  await expect(failing).rejects.toThrow(/line 40\nCount less\.$/);
  await expect(failing).rejects.not.toThrow(/line 20\n/);
});

test('a command that is not there is named', async () => {
  await expect(runCommand('no-such-command', [])).rejects.toThrow('no-such-command');
});

test('children find the pinned tools before others, and know the Node version', () => {
  const { PATH, BAG_OF_TRICKS_NODE_VERSION } = childEnvironment();
  expect(PATH?.startsWith(join(root, '.tools', 'node_modules', '.bin'))).toBe(true);
  expect(BAG_OF_TRICKS_NODE_VERSION).toBe(process.version);
});

test('a stamp changes with the content of a source and with the state of a product', () => {
  mkdirSync(join(folder, 'a', 'skipped'), { recursive: true });
  const path = join(folder, 'a', 'b.ts');
  writeFileSync(path, 'one');
  writeFileSync(join(folder, 'a', 'skipped', 'c.ts'), 'x');
  const files = () => filesBelow(folder, (name: string) => name === 'skipped');
  expect(files()).toEqual([path]);

  const [contents, states] = [hashContents(files()), hashStates(files())];
  utimesSync(path, 1, 1);
  expect(hashContents(files())).toBe(contents);
  expect(hashStates(files())).not.toBe(states);
  writeFileSync(path, 'two');
  expect(hashContents(files())).not.toBe(contents);
  expect(filesBelow(join(folder, 'none'))).toEqual([]);
});
