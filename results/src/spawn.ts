import { execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { findPython } from '@bag-of-tricks/bench/pytorch';

const { resolve } = createRequire(import.meta.url);
const packageFolder = (name: string) => dirname(resolve(`@bag-of-tricks/${name}/package.json`));

/** The program behind `bag-of-tricks`. */
export const trainerCli = join(packageFolder('trainer'), 'dist', 'cli', 'main.js');

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A program of python/: what its runs record of where they were made, and the command that runs it on a specification. */
export interface PythonProgram {
  readonly provenance: { readonly cpu: string; readonly commit: string };
  command(spec: object, env?: NodeJS.ProcessEnv): Command;
}

/** Finds Python and the commit, which may fail: before anything is replaced. */
export async function pythonProgram(name: string): Promise<PythonProgram> {
  const file = await findPython(console.error);
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  const modules = {
    PYTHONPATH: join(packageFolder('bench'), 'python'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  return {
    provenance: { cpu: cpus()[0]?.model ?? 'unknown', commit },
    command: (spec, env = {}) => ({
      file,
      args: [join(import.meta.dirname, '..', 'python', name), JSON.stringify(spec)],
      env: { ...process.env, ...modules, ...env },
    }),
  };
}

/** Runs a program in the same terminal. Ctrl-C reaches it too; this process waits for it to save and end. */
export async function spawnInherited({ file, args, env }: Command): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env: env ?? process.env });
  const wait = () => {};
  const forward = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', forward);
  }
}
