import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const trainer = dirname(
  createRequire(import.meta.url).resolve('@bag-of-tricks/trainer/package.json'),
);

/** How the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** How long it ran after its first line, which comes when everything is loaded. */
  readonly seconds: number;
}

/** Runs `bag-of-tricks train` in a folder, and kills it, if asked, so many seconds after its first line. */
export async function trainCommand(
  args: readonly string[],
  { folder, killAfter }: { readonly folder: string; readonly killAfter?: number },
): Promise<Ended> {
  const program = [join(trainer, 'dist/cli/main.js'), 'train', ...args];
  const child = spawn(process.execPath, program, { cwd: folder });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  let started = Number.NaN;
  let timer: NodeJS.Timeout | undefined;
  child.stdout.resume().once('data', () => {
    started = performance.now();
    if (killAfter !== undefined) {
      timer = setTimeout(() => child.kill('SIGKILL'), 1000 * killAfter);
    }
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { code, signal, stderr, seconds: (performance.now() - started) / 1000 };
}
