import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { packageDigests } from './code-digest.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'code-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writePackage(folder: string, name: string, dependencies: readonly string[] = []): void {
  const wanted = Object.fromEntries(dependencies.map((one) => [one, '^1.0.0']));
  const manifest = { name: `@bag-of-tricks/${name}`, version: '1.0.0', dependencies: wanted };
  write(`${folder}/package.json`, JSON.stringify(manifest));
  write(`${folder}/dist/index.js`, `// ${name}`);
}

test('another file of any package that the trainer depends on, linked or not, is named by its package, and other files are none', () => {
  const installed = (name: string) => `node_modules/@bag-of-tricks/${name}`;
  writePackage(installed('trainer'), 'trainer', ['@bag-of-tricks/graph', 'zod']);
  writePackage(installed('graph'), 'graph', ['@bag-of-tricks/random', '@bag-of-tricks/trainer']);
  writePackage('elsewhere/random', 'random');
  symlinkSync(join(root, 'elsewhere/random'), join(root, installed('random')));
  const digests = () => packageDigests(join(root, installed('trainer'), 'dist/run/code-digest.js'));
  const before = digests();
  expect(Object.keys(before).map((name) => name.replace('@bag-of-tricks/', ''))).toEqual([
    ...['trainer', 'graph', 'random'],
  ]);
  expect(before['@bag-of-tricks/graph']).toMatch(/^1\.0\.0 \([0-9a-f]{8}\)$/);
  for (const [path, name] of [
    [`${installed('trainer')}/dist/cli/other.js`, 'trainer'],
    [`${installed('graph')}/dist/index.js`, 'graph'],
    ['elsewhere/random/dist/index.js', 'random'],
  ] as const) {
    const last = digests();
    write(path, 'changed');
    const now = digests();
    const differing = Object.keys(now).filter((one) => now[one] !== last[one]);
    expect(differing).toEqual([`@bag-of-tricks/${name}`]);
  }
  const last = digests();
  write(`${installed('graph')}/dist/index.d.ts`, 'types');
  write(`${installed('graph')}/docs/notes.js`, 'no code of it');
  expect(digests()).toEqual(last);
});

test('in a bundle, whatever lies around it, the file itself counts', () => {
  write('package.json', JSON.stringify({ name: 'app', dependencies: { '@bag-of-tricks/x': '1' } }));
  write('build/app.js', 'all in one');
  const digests = () => packageDigests(join(root, 'build/app.js'));
  const before = digests();
  write('build/data.js', 'other');
  expect(digests()).toEqual(before);
  write('build/app.js', 'all in another');
  expect(Object.keys(digests())).toEqual(['bundle']);
  expect(digests()).not.toEqual(before);
});

test('here all packages are found, at once', () => {
  const started = performance.now();
  const found = packageDigests();
  expect(performance.now() - started).toBeLessThan(2000);
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining(['@bag-of-tricks/trainer', '@bag-of-tricks/random']),
  );
});
