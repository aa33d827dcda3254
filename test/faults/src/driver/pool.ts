import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job } from './worker.ts';

const program = fileURLToPath(new URL('../../dist/driver/worker.js', import.meta.url));

/** A case takes a fraction of a second; one that takes so long hangs. */
const patience = 120_000;

/** How a worker replied, or how it ended. */
export type Reply<T> =
  | { readonly reply: T }
  | { readonly failed: string }
  | { readonly ended: string };

/** Takes jobs, each in a process that takes one at a time and is begun anew when it has ended. */
export interface Pool {
  run<T>(job: Job): Promise<Reply<T>>;
  close(): void;
}

function startWorker(library: string): ChildProcess {
  const env = { ...process.env, LD_PRELOAD: library, UV_USE_IO_URING: '0' };
  return fork(program, [library], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function ask<T>(worker: ChildProcess, job: Job): Promise<Reply<T>> {
  return new Promise((resolve) => {
    let stderr = '';
    const listen = (chunk: Buffer) => {
      stderr += chunk;
    };
    const onExit = (code: number | null, signal: string | null) => {
      end({ ended: signal ?? `code ${code}, ${stderr.trim().slice(-300) || 'without a word'}` });
    };
    const timer = setTimeout(() => worker.kill('SIGKILL'), patience);
    const end = (reply: Reply<T>) => {
      clearTimeout(timer);
      worker.off('exit', onExit).off('message', end).stderr!.off('data', listen);
      resolve(reply);
    };
    worker.once('exit', onExit).once('message', end).stderr!.on('data', listen);
    worker.send(job);
  });
}

/** Opens a pool of so many processes. */
export function openPool(library: string, size: number): Pool {
  const idle: (ChildProcess | null)[] = new Array(size).fill(null);
  const all = new Set<ChildProcess>();
  const waiting: ((worker: ChildProcess | null) => void)[] = [];
  const release = (worker: ChildProcess | null) => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };
  const take = (): Promise<ChildProcess | null> =>
    idle.length > 0
      ? Promise.resolve(idle.pop()!)
      : new Promise((resolve) => waiting.push(resolve));
  return {
    async run<T>(job: Job) {
      const worker = (await take()) ?? startWorker(library);
      all.add(worker);
      const reply = await ask<T>(worker, job);
      const gone = worker.exitCode !== null || worker.signalCode !== null;
      if (gone) all.delete(worker);
      release(gone ? null : worker);
      return reply;
    },
    close() {
      for (const worker of all) worker.kill();
    },
  };
}
