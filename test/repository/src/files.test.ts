// What may be in the repository at all.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, repositoryFiles, root } from './workspace.ts';

/**
 * The hosts that a file may name: papers and documents to read. Nothing is fetched from an address: packages come
 * by name through the package managers, each with the user's own configuration.
 */
const readableHosts = [
  ...['arxiv.org', 'doi.org', 'openreview.net', 'openaccess.thecvf.com', 'proceedings.mlr.press'],
  ...['github.com', 'www.apache.org', 'www.tensorflow.org', 'js.tensorflow.org', 'koffi.dev'],
  ...['huggingface.co', 'www.cs.toronto.edu'],
  // The name of SVG's namespace, which a picture must give.
  'www.w3.org',
  ...['localhost', '127.0.0.1'],
];

/** Sources that may be longer than `maxLines`, and why. */
const longSources: Readonly<Record<string, string>> = {};
const maxLines = 250;
const maxBytes = 1_000_000;

const files = repositoryFiles();

function addressesIn(text: string): string[] {
  return [...text.matchAll(/\bhttps?:\/\/(?<host>[a-z0-9.-]+)[^\s)>"'`\]]*/gi)]
    .filter(({ groups }) => !readableHosts.includes(groups?.host ?? ''))
    .map(([address]) => address);
}

test('no file names an address that something could be fetched from', () => {
  const found = files.flatMap((path) => {
    const content = readFileSync(join(root, path));
    if (content.includes(0)) return [];
    return addressesIn(content.toString('utf8')).map((address) => `${path}: ${address}`);
  });
  expect(found).toEqual([]);
});

test('an address of an unknown host is found, one of a paper is not', () => {
  const scheme = 'https:';
  expect(addressesIn(`see ${scheme}//mirror.example/simple/ and`)).toHaveLength(1);
  expect(addressesIn(`(${scheme}//arxiv.org/abs/1812.01187)`)).toEqual([]);
});

test('no build product is tracked, and no index, which is written beside shards when they are opened', () => {
  const products =
    /(^|\/)(dist|node_modules|\.turbo|\.tools|coverage|__pycache__)\/|\.(tgz|tsbuildinfo|map|so|node|index)$/;
  expect(files.filter((path) => products.test(path))).toEqual([]);
});

test('nothing that git is told to ignore is tracked', () => {
  const options = ['ls-files', '--cached', '--ignored', '--exclude-standard'];
  expect(execFileSync('git', options, { cwd: root, encoding: 'utf8' })).toBe('');
});

test(`no file is larger than ${maxBytes / 1e6} MB`, () => {
  expect(files.filter((path) => statSync(join(root, path)).size > maxBytes)).toEqual([]);
});

test(`no source is longer than ${maxLines} lines`, () => {
  const sources = files.filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.test.ts'));
  const long = sources.filter((path) => read(path).split('\n').length > maxLines);
  expect(long).toEqual(Object.keys(longSources));
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython)('every Python file, which nothing here runs, can be parsed', () => {
  const parse = 'import ast, sys\nfor path in sys.argv[1:]: ast.parse(open(path).read(), path)';
  const paths = files.filter((path) => path.endsWith('.py'));
  expect(paths).toContain('packages/resnet-variants/python/resnet_variants.py');
  execFileSync('python3', ['-c', parse, ...paths], { cwd: root });
});

test('the lockfile allows no package whose install script was not judged', () => {
  const manifest = read('pnpm-workspace.yaml');
  expect(manifest).toMatch(/^allowBuilds:$/m);
  expect(manifest).not.toMatch(/^ {2}\S+: true$/m);
});
