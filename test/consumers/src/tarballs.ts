import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const packages = resolve(import.meta.dirname, '..', '..', '..', 'packages');

/** A package as it would be published. */
export interface Tarball {
  readonly path: string;
  /** The names of the packages of ours that it depends on. */
  readonly siblings: readonly string[];
}

/** Packs all packages into a folder; the tarballs by package name. */
export async function packAll(folder: string): Promise<Map<string, Tarball>> {
  const tarballs = new Map<string, Tarball>();
  for (const directory of readdirSync(packages)) {
    const cwd = join(packages, directory);
    const {
      name,
      version,
      dependencies = {},
    } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      dependencies?: Record<string, string>;
    };
    await execute('pnpm', ['pack', '--pack-destination', folder], { cwd });
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    const siblings = Object.keys(dependencies).filter((other) =>
      other.startsWith('@bag-of-tricks/'),
    );
    tarballs.set(name, { path: join(folder, file), siblings });
  }
  return tarballs;
}
