import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from './files.ts';
import { beginIn, createRunFolder, type RunFolderOptions } from './folder.ts';

const output = mkdtempSync(join(tmpdir(), 'folder-'));

const create = (changes: Partial<RunFolderOptions>) =>
  createRunFolder({
    ...{ output, experiment: null, model: 'resnet50d', imageSize: 28 },
    now: new Date(2026, 10, 25, 10, 15),
    ...changes,
  });
const begin = async (folder: string) => {
  const said: string[] = [];
  await beginIn(
    folder,
    (path) => `# ${command} train --config ${path}\n`,
    (line) => void said.push(line),
  );
  return said;
};

test('a run folder is made with those above it, and a network of any name stays within it', () => {
  const folder = create({ output: join(output, 'a', 'b'), model: '../my/net 2' });
  expect(basename(folder)).toBe('20261125-101500-..-my-net-2-28');
  expect(existsSync(join(output, 'a', 'b', basename(folder), 'checkpoints'))).toBe(true);
});

test('of two runs in one second the second has a number, and args.yaml knows where it is', async () => {
  const [one, two] = [create({}), create({})];
  expect(two).toBe(`${one}-2`);
  await begin(two);
  const file = join(two, 'args.yaml');
  expect(readFileSync(file, 'utf8')).toBe(`# ${command} train --config ${file}\n`);
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
  expect(() => create({ experiment: 'killed' })).toThrow(
    /it exists, with checkpoints\. .* --resume/,
  );
  const foreign = create({ experiment: 'foreign' });
  writeFileSync(join(foreign, 'thesis.tex'), '');
  expect(() => create({ experiment: 'foreign' })).toThrow(
    /expected a new folder, it exists, with thesis\.tex in it .*Give another --experiment$/,
  );
  // An args.yaml of another program is foreign too.
  writeFileSync(join(foreign, 'args.yaml'), 'lr: 0.1\n');
  expect(() => create({ experiment: 'foreign' })).toThrow(/with args\.yaml in it|thesis/);
});

test('what a run of ours left besides, such as a step that diverged or a file of a hook, is no hindrance', async () => {
  const diverged = create({ experiment: 'diverged' });
  await begin(diverged);
  mkdirSync(join(diverged, 'divergence-step-8', 'checkpoints', 'epoch-0000-step-00000007'), {
    recursive: true,
  });
  writeFileSync(join(diverged, 'events.tfevents'), '');
  expect(create({ experiment: 'diverged' })).toBe(diverged);
  expect(await begin(diverged)).toEqual([expect.stringMatching(/It begins anew$/)]);
});

test('an output that takes no folders is an error that says so, and no hang', () => {
  const file = join(output, 'file');
  writeFileSync(file, '');
  expect(() => create({ output: file })).toThrow(
    /file: expected a folder that run folders can be made in, got ENOTDIR .*Give another --output/,
  );
  expect(() => create({ output: '/proc/x' })).toThrow(/\/proc\/x: expected a folder .*got E/);
});
