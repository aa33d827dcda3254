// Where the repository is, and the environment its tools run in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Not import.meta.dirname: a Node too old for it must live to read that it is too old.
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
export const tools = join(root, '.tools');
export const cacheFolder = join(root, 'node_modules', '.cache', 'bag-of-tricks');

/** The parsed JSON of a file. @param {string} path */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The environment of every child: the pinned tools first on PATH, and no tool that phones home. */
export function childEnvironment() {
  const path = [
    join(tools, 'node_modules', '.bin'),
    join(root, 'node_modules', '.bin'),
    process.env.PATH ?? '',
  ];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    NO_UPDATE_NOTIFIER: '1',
    npm_config_update_notifier: 'false',
    // The outcome of a test belongs to a Node version; turbo.json makes it part of the cache key.
    BAG_OF_TRICKS_NODE_VERSION: process.version,
  };
}

/** Folders of all workspace packages, from the `packages:` list of pnpm-workspace.yaml. */
export function workspaceFolders() {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = yaml.match(/^packages:\n((?: {2}- .*\n)+)/m)?.[1];
  if (list === undefined) throw new Error('pnpm-workspace.yaml: expected a `packages:` list.');
  return [...list.matchAll(/^ {2}- (.*)$/gm)]
    .flatMap(([, pattern = '']) => expand(pattern))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .sort();
}

/** @param {string} pattern */
function expand(pattern) {
  if (!pattern.endsWith('/*')) return [join(root, pattern)];
  const parent = join(root, pattern.slice(0, -2));
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
}
