import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const trainer = createRequire(import.meta.url).resolve('@bag-of-tricks/trainer/package.json');

/** The program behind `bag-of-tricks`. */
export const trainerCli = join(dirname(trainer), 'dist', 'cli', 'main.js');

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
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
