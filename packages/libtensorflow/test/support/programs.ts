import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts a program written in JavaScript into `folder`, to stand in for one on the PATH. */
export function fakeProgram(folder: string, name: string, source: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${source}`);
  chmodSync(path, 0o755);
  return path;
}

/** A `python3` whose pip prints its version, and then does what `install` says. */
export function fakePython(folder: string, install: string, pip = '23.2.1'): string {
  return fakeProgram(
    folder,
    'python3',
    `const args = process.argv.slice(2);
if (args.includes('--version')) {
  console.log('pip ${pip} from /nowhere/pip (python 3.11)');
} else {
  const target = args.find((arg) => arg.startsWith('--target=')).slice('--target='.length);
  ${install}
}`,
  );
}
