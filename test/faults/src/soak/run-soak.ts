import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sample } from './samples.ts';
import type { SoakName } from './soaks.ts';

const program = fileURLToPath(new URL('../../dist/soak/child.js', import.meta.url));

/** Runs so many rounds in a process of their own and returns what was seen. */
export async function runSoak(name: SoakName, rounds: number): Promise<readonly Sample[]> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
  const options = { env, execArgv: ['--expose-gc'] };
  const child = fork(program, [name, String(rounds)], options);
  let samples: readonly Sample[] | null = null;
  child.once('message', (message) => {
    samples = message as readonly Sample[];
  });
  const [code, signal] = await once(child, 'exit');
  if (samples === null) throw new Error(`soak ${name}: ended with ${signal ?? code}`);
  return samples;
}
