import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What runs JavaScript, and its arguments before the name of a program. */
export interface Runtime {
  readonly path: string;
  readonly args: readonly string[];
}

const { resolve } = createRequire(import.meta.url);
const folder = dirname(resolve('@bag-of-tricks/node-versions/package.json'));
const runtime = (name: string, file: string, ...args: string[]): Runtime => ({
  path: join(folder, 'node_modules', name, file),
  args,
});
/** What our packages need of it: native code, files, TensorFlow's settings and the machine's size. */
const rights = ['ffi', 'read', 'write', 'env', 'sys'];

/** Deno with some rights and no others. */
export const deno = (allowed: readonly string[]): Runtime =>
  runtime('deno', 'deno', 'run', '--no-prompt', ...allowed.map((right) => `--allow-${right}`));

/** Whether they run here. */
export const isForHere = process.platform === 'linux' && process.arch === 'x64';

/** Those beside the Node that runs the tests, of npm's packages for Linux x64. */
export const runtimes: Readonly<Record<string, Runtime>> = {
  'Node 22': runtime('node22', 'bin/node'),
  'Node 24': runtime('node24', 'bin/node'),
  'Node 26': runtime('node26', 'bin/node'),
  Bun: runtime('bun', 'bin/bun'),
  Deno: deno(rights),
};
