// What the next release will be, seen in a copy.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addressFields, withWholeLinks } from '../../../scripts/lib/address.mjs';
import { type Manifest, packages, read, repositoryFiles, root } from './workspace.ts';

/** Where a release is tried, with nothing but what `changeset version` reads; offline. */
function copyOfWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = ['package.json', '*/package.json', 'pnpm-workspace.yaml', '.changeset/*'];
  for (const path of repositoryFiles(...names)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const release = () => {
    const command = join(root, 'node_modules/@changesets/cli/bin.js');
    execFileSync(process.execPath, [command, 'version'], { cwd: folder, stdio: 'pipe' });
    const manifests = packages.map(({ name }): [string, Manifest] => [
      name,
      JSON.parse(readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8')),
    ]);
    return Object.fromEntries(manifests);
  };
  return { folder, release };
}

const versionsOf = (manifests: Record<string, Manifest>) =>
  Object.fromEntries(Object.entries(manifests).map(([name, { version }]) => [name, version]));

test('the next release is 0.1.0 of each package, and a minor change after it makes no 1.0.0', {
  tags: ['slow'],
}, () => {
  const { folder, release } = copyOfWorkspace();
  const first = release();
  if (read('packages/amp/package.json').includes('"version": "0.0.0"')) {
    expect(new Set(Object.values(versionsOf(first)))).toEqual(new Set(['0.1.0']));
  }
  for (const name of Object.keys(first)) {
    const changelog = readFileSync(join(folder, 'packages', name, 'CHANGELOG.md'), 'utf8');
    expect(changelog, name).toContain(`## ${first[name]!.version}\n`);
    expect(changelog.length, name).toBeGreaterThan(100);
  }
  const changed = ['libtensorflow', 'graph', 'image-data'];
  const front = changed.map((name) => `"@bag-of-tricks/${name}": minor`).join('\n');
  writeFileSync(join(folder, '.changeset/more.md'), `---\n${front}\n---\n\nMore.\n`);
  const second = release();
  for (const [name, { version, ...manifest }] of Object.entries(second)) {
    const [before, after] = [first[name]!.version, version].map((text) => text.split('.'));
    expect(after![0], `${name} ${version}`).toBe(before![0]);
    if (changed.includes(name)) expect(after![1], name).not.toBe(before![1]);
    else expect(after![1], name).toBe(before![1]);
    // Ranges name the workspace, of which a publication writes the version.
    for (const range of Object.values({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
    })) {
      expect(range, name).not.toMatch(/^workspace:\d+\.\d/);
    }
  }
});

test('nothing is published before the root says where the repository is', () => {
  expect(() => addressFields(JSON.parse(read('package.json')), 'packages/mixup')).toThrow(
    /expected homepage, bugs, repository in the package\.json of the root, got none/,
  );
  const address = { homepage: 'h', bugs: 'b', repository: 'r' };
  expect(addressFields(address, 'packages/mixup')).toEqual({
    ...address,
    repository: { type: 'git', url: 'r', directory: 'packages/mixup' },
  });
  expect(() => addressFields({ ...address, bugs: '' }, '')).toThrow(/expected bugs in/);
});

/** Runs the release of a workspace with one package; a stand-in for npm keeps what it is to publish, and has published `published`. */
function runRelease(address: object, published = '') {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const one = join(folder, 'packages/one');
  const npm = join(folder, 'bin/npm');
  for (const path of [one, dirname(npm)]) mkdirSync(path, { recursive: true });
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'all', ...address }));
  const manifest = { name: '@bag-of-tricks/one', version: '0.1.0', homepage: 'old' };
  writeFileSync(join(one, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(one, 'README.md'), '# one\n\n[two](../two/README.md)\n');
  const stand = `case $1 in view) echo ${published} ;; publish) shift; cp -r "$1" '${folder}/kept'; echo "$@" > '${folder}/args' ;; esac`;
  writeFileSync(npm, `#!/bin/sh\n${stand}\n`, { mode: 0o755 });
  const PATH = [dirname(npm), join(root, '.tools/node_modules/.bin'), process.env.PATH].join(':');
  const { stderr } = spawnSync(process.execPath, ['scripts/release.mjs', '--dry-run'], {
    ...{ cwd: folder, env: { ...process.env, PATH }, encoding: 'utf8' },
  });
  const kept = (path: string) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : null;
  return { stderr, kept };
}

test('a release puts the address into what it publishes, and leaves out what is published', () => {
  const address = { homepage: 'home', bugs: 'bugs', repository: 'git' };
  const { stderr, kept } = runRelease(address);
  expect(stderr).toBe('');
  expect(JSON.parse(kept('kept/package.json')!)).toMatchObject({
    ...{ name: '@bag-of-tricks/one', homepage: 'home', bugs: 'bugs' },
    repository: { type: 'git', url: 'git', directory: 'packages/one' },
  });
  expect(kept('kept/README.md')).toContain('[two](home/blob/HEAD/packages/two/README.md)');
  expect(kept('args')).toMatch(/--access public --dry-run$/m);
  expect(runRelease(address, '0.1.0').kept('args')).toBe(null);
  const refused = runRelease({ ...address, bugs: '' });
  expect(refused.stderr).toContain('expected bugs in the package.json of the root, got none');
  expect(refused.kept('args')).toBe(null);
});

test('on a package page links lead to the repository', () => {
  const text =
    '[a](../ema/README.md#api) [b](src/x.ts) [c](#api) [d](https://arxiv.org/abs/1) ![e](e.svg)';
  expect(withWholeLinks(text, 'home', 'packages/mixup')).toBe(
    '[a](home/blob/HEAD/packages/ema/README.md#api) [b](home/blob/HEAD/packages/mixup/src/x.ts) ' +
      '[c](#api) [d](https://arxiv.org/abs/1) ![e](home/blob/HEAD/packages/mixup/e.svg)',
  );
});

test.each(packages.map(({ name }) => name))('the links of %s lead to what is there', (name) => {
  const folder = `packages/${name}`;
  const links = withWholeLinks(read(`${folder}/README.md`), 'home', folder);
  for (const [, path] of links.matchAll(/\]\(home\/blob\/HEAD\/([^)#\s]+)/g)) {
    expect(path).not.toMatch(/^\.\./);
    expect(existsSync(join(root, posix.normalize(path!))), path).toBe(true);
  }
});
