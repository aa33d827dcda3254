import { expect, test } from 'vitest';
import { rules } from './dependency-rules.ts';
import { importsOf, importViolations, manifestViolations } from './find-violations.ts';
import { type Manifest, packages, read, repositoryFiles } from './workspace.ts';

const named = packages.map((one) => [one.name, one] as const);

test('every package has a rule, and every rule a package', () => {
  expect(Object.keys(rules).sort()).toEqual(packages.map(({ name }) => name));
});

test.each(named)('%s imports only what the rules allow', (name, { manifest }) => {
  const paths = repositoryFiles(...['ts', 'mjs', 'cjs'].map((end) => `packages/${name}/*.${end}`));
  expect(paths.length).toBeGreaterThan(0);
  const violations = paths.flatMap((path) =>
    importViolations({ path, text: read(path) }, manifest),
  );
  expect(violations).toEqual([]);
});

test.each(named)('%s declares only what the rules allow', (name, { manifest }) => {
  expect(manifestViolations(name, manifest)).toEqual([]);
});

const manifest = (fields: Partial<Manifest> = {}): Manifest => ({
  name: '@bag-of-tricks/mixup',
  version: '0.0.0',
  description: '',
  license: '',
  files: [],
  exports: {},
  scripts: {},
  peerDependencies: { '@tensorflow/tfjs-core': '^4.22.0' },
  devDependencies: { vitest: 'catalog:' },
  ...fields,
});

test.each([
  ["import { a } from '@bag-of-tricks/distill';", 'is not allowed'],
  ["import type { A } from '@bag-of-tricks/distill';", 'is not allowed'],
  ["export { a } from '@bag-of-tricks/distill';", 'is not allowed'],
  ["const a = await import('@bag-of-tricks/distill');", 'is not allowed'],
  ["type A = import('@bag-of-tricks/distill').A;", 'is not allowed'],
  ["import { a } from '../../distill/src/a.ts';", 'leaves packages/mixup/src/'],
  ["import { a } from '../fixtures/a.json';", 'leaves packages/mixup/src/'],
  ["import { readFileSync } from 'node:fs';", 'is not there in a browser'],
  ["import * as tf from '@tensorflow/tfjs';", 'is not allowed'],
  ["import '@tensorflow/tfjs-core/dist/register_all_gradients';", 'is a deep import'],
])('in a trick, %s is a violation', (text, reason) => {
  const violations = importViolations({ path: 'packages/mixup/src/a.ts', text }, manifest());
  expect(violations).toHaveLength(1);
  expect(violations[0]).toContain(reason);
});

test.each([
  ['packages/mixup/src/a.ts', "import * as tf from '@tensorflow/tfjs-core'; import './b.ts';"],
  ['packages/mixup/src/a.test.ts', "import { test } from 'vitest'; import 'node:fs';"],
  ['packages/mixup/src/a.test.ts', "import data from '../fixtures/a.json';"],
])('%s may %s', (path, text) => {
  expect(importsOf({ path, text })).not.toEqual([]);
  expect(importViolations({ path, text }, manifest())).toEqual([]);
});

test('an import that package.json does not declare is a violation', () => {
  const file = { path: 'packages/mixup/src/a.ts', text: "import '@tensorflow/tfjs-core';" };
  expect(importViolations(file, manifest({ peerDependencies: {} }))[0]).toContain('not declared');
  const tests = { path: 'packages/mixup/src/a.test.ts', text: "import 'fast-check';" };
  expect(importViolations(tests, manifest())[0]).toContain('not declared');
});

test('a test that imports its own package by name is a violation, a program that it starts is none', () => {
  const text = "import { mixup } from '@bag-of-tricks/mixup';";
  const violations = (path: string, content = text) =>
    importViolations({ path: `packages/mixup/${path}`, text: content }, manifest());
  for (const path of ['src/a.test.ts', 'test/support/a.ts']) {
    expect(violations(path)[0]).toContain('built last, not the source');
  }
  expect(violations('src/a.test.ts', `const script = \`${text}\`;`)).toEqual([]);
  expect(violations('test/support/a.mjs')).toEqual([]);
});

test('only the tfjs glue of lr-schedules may import tfjs', () => {
  const text = "import * as tf from '@tensorflow/tfjs-core';";
  expect(importViolations({ path: 'packages/lr-schedules/src/tfjs.ts', text }, manifest())).toEqual(
    [],
  );
  expect(
    importViolations({ path: 'packages/lr-schedules/src/a.ts', text }, manifest()),
  ).toHaveLength(1);
});

test('a dependency of a trick is a violation, unless it is what they share', () => {
  const zod = manifestViolations('mixup', manifest({ dependencies: { zod: '4.0.0' } }));
  expect(zod.join()).toContain('may not depend on zod');
  const core = { '@tensorflow/tfjs-core': '4.22.0' };
  expect(manifestViolations('mixup', manifest({ dependencies: core })).join()).toContain(
    'may be a peer',
  );
  const shared = { '@bag-of-tricks/random': '1.0.0', '@bag-of-tricks/optimizer': '1.0.0' };
  expect(manifestViolations('mixup', manifest({ dependencies: shared }))).toEqual([]);
  const other = { '@bag-of-tricks/distill': 'workspace:*' };
  expect(manifestViolations('mixup', manifest({ devDependencies: other })).join()).toContain(
    'even test',
  );
});
