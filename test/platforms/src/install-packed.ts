import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Packages of ours and those that they depend on, which npm would not find either. */
export function withSiblings(names: readonly string[]): string[] {
  const all = [...names];
  for (const name of all) {
    const manifest = new URL(`../../../packages/${name}/package.json`, import.meta.url);
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
    const siblings = Object.keys(dependencies).filter((one) => one.startsWith('@bag-of-tricks/'));
    const others = siblings.map((one) => one.replace('@bag-of-tricks/', ''));
    all.push(...others.filter((one) => !all.includes(one)));
  }
  return all;
}

/** Packs packages of ours, and has npm install them with `others` into `folder` as on the system `os` with the CPU `cpu`. */
export function installPacked(
  folder: string,
  names: readonly string[],
  others: readonly string[],
  { os, cpu }: { readonly os: string; readonly cpu: string },
): void {
  for (const name of withSiblings(names)) {
    const cwd = resolve('packages', name);
    execFileSync('pnpm', ['pack', '--pack-destination', folder], { cwd, stdio: 'pipe' });
  }
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', `--os=${os}`, `--cpu=${cpu}`];
  const args = ['install', ...options, '--force', ...tarballs.map((name) => `./${name}`)];
  execFileSync('npm', [...args, ...others], { cwd: folder, stdio: 'pipe' });
}
