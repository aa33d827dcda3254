import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..', '..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly private?: boolean;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export interface Package {
  /** The folder's name, which is the package's name without the scope. */
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The published packages. */
export const packages: readonly Package[] = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .sort()
  .map((name) => {
    const folder = join(root, 'packages', name);
    return { name, folder, manifest: JSON.parse(read(join(folder, 'package.json'))) as Manifest };
  });

/** The entry points of a package: `.` is made from `src/index.ts`, `./tfjs` from `src/tfjs.ts`. */
export function entryPoints({ manifest }: Package): [subpath: string, source: string][] {
  return Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => [subpath, `src/${subpath === '.' ? 'index' : subpath.slice(2)}.ts`]);
}

/**
 * Files that are in the repository or would be by the next `git add`, as paths relative to its root.
 * @param pattern a git pathspec such as `packages/mixup/src/*.ts` (`*` also matches `/`)
 */
export function repositoryFiles(...pattern: string[]): string[] {
  const options = [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    ...pattern,
  ];
  const output = execFileSync('git', options, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const names = new Set(output.split('\0').filter((name) => name !== ''));
  return [...names].filter((name) => existsSync(join(root, name))).sort();
}

export function read(path: string): string {
  return readFileSync(resolve(root, path), 'utf8');
}
