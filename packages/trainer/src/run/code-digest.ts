import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleAddress } from '../config/load.ts';

/** A few digits that tell values from others. */
export function shortDigest(values: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const value of values) hash.update(value);
  return hash.digest('hex').slice(0, 8);
}

/** Of the script that was started, the command's or one that calls `fit`, and of each module of a plug-in, without what they import. */
export function scriptDigest(pluginModules: readonly string[]): string {
  const files = [process.argv[1] ?? '', ...pluginModules.map(moduleFile)];
  return shortDigest(files.filter((file) => existsSync(file)).map((file) => readFileSync(file)));
}

const moduleFile = (module: string) => fileURLToPath(moduleAddress(module));

const scope = '@bag-of-tricks/';

/**
 * Version and digest of the trainer and of each package of ours that it depends on, by name. Versions alone would not do, for those of linked
 * checkouts are alike. Where the trainer is part of a bundle, that file is all.
 *
 * @param module - A file of the trainer. Default: this one.
 */
export function packageDigests(module = fileURLToPath(import.meta.url)): Record<string, string> {
  const root = packageAbove(module);
  if (root === null || !manifestIn(root).name?.startsWith(scope))
    return { bundle: shortDigest([readFileSync(module)]) };
  const found: Record<string, string> = {};
  const visit = (folder: string, compiled: string) => {
    const { name = '', version, dependencies = {} } = manifestIn(folder);
    found[name] = `${version} (${filesDigest(join(folder, compiled))})`;
    const { resolve } = createRequire(join(folder, 'package.json'));
    for (const other of Object.keys(dependencies)) {
      if (other.startsWith(scope) && !(other in found))
        visit(dirname(resolve(`${other}/package.json`)), 'dist');
    }
  };
  visit(root, relative(root, module).split(sep)[0]!);
  return found;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function packageAbove(file: string): string | null {
  const folder = dirname(file);
  if (folder === file) return null;
  return existsSync(join(folder, 'package.json')) ? folder : packageAbove(folder);
}

/** Of what runs in a folder: no types, maps or tests. */
function filesDigest(folder: string): string {
  const names = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
    : [];
  const run = names
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !/\.(d|test)\.[cm]?ts$/.test(name))
    .map((name) => name.replaceAll(sep, '/'));
  return shortDigest(run.sort().flatMap((name) => [name, readFileSync(join(folder, name))]));
}
