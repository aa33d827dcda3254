import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { printable } from '@bag-of-tricks/run-folder';
import { exitCodes } from '../errors.ts';

/** How one of the processes ended. */
export interface Ended {
  readonly rank: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it was killed because it did not end when it was told to. */
  readonly hung: boolean;
}

/** Codes of runs that saved because they were asked to stop. */
const stopped: readonly (number | null)[] = [
  exitCodes.timeUp,
  exitCodes.hangup,
  exitCodes.interrupt,
  exitCodes.brokenPipe,
  exitCodes.terminated,
];

/** Copies lines with the rank before them. */
export function prefixLines(rank: number, input: Readable, output: Pick<Writable, 'write'>): void {
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    output.write(`[${rank}] ${printable(line)}\n`);
  });
}

/** What became of all processes. */
export interface Outcome {
  /** In the order in which they ended. */
  readonly ended: readonly Ended[];
  /** Whether somebody asked all of them to stop. */
  readonly asked: boolean;
}

/** The one because of which the others ended; null where all are done. */
export function causeOf({ ended, asked }: Outcome): Ended | null {
  const failures = ended.filter(({ code }) => code !== 0);
  const isOwn = ({ code }: Ended) => code !== exitCodes.lost && code !== exitCodes.terminated;
  const isStopped = ({ code }: Ended) => stopped.includes(code);
  // Who was asked to stop first did not do so because another hung later.
  const failed =
    failures[0] && isStopped(failures[0]) ? failures.filter(({ hung }) => !hung) : failures;
  const asAsked =
    asked && (failed.find((one) => isStopped(one) && isOwn(one)) ?? failed.find(isStopped));
  return asAsked || (failed.find(({ hung }) => hung) ?? failed.find(isOwn) ?? failed[0] ?? null);
}

/** Whether a run may do better when it is started again. */
export const isWorthAnother = ({ code }: Ended): boolean =>
  code === null ||
  ([exitCodes.failure, exitCodes.lost, exitCodes.internal] as number[]).includes(code);

/** How it ended, in words. */
export function describeEnded({ rank, code, signal, hung }: Ended): string {
  if (hung) return `rank ${rank} did not end when it was told to, and was killed`;
  if (signal !== null) return `rank ${rank} was ended by ${signal}`;
  return stopped.includes(code)
    ? `rank ${rank} was asked to stop (exit code ${code})`
    : `rank ${rank} ended with exit code ${code}`;
}

/** What the others may take to notice by themselves that one is gone, in milliseconds. */
const noticing = 3000;

const requests = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Waits until all have ended, and passes on to them what asks this process to stop. When the first one ends, the others are to end too:
 * where it failed, or stopped before a run had begun in which all stop together, they get SIGTERM, and after `grace` seconds whoever is still there is killed.
 */
export async function supervise(
  children: readonly ChildProcess[],
  { grace, hasBegun }: { readonly grace: number; readonly hasBegun: () => boolean },
): Promise<Outcome> {
  const ended: Ended[] = [];
  const killed = new Set<ChildProcess>();
  const timers: NodeJS.Timeout[] = [];
  const alive = () =>
    children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const later = (milliseconds: number, act: (child: ChildProcess) => void) =>
    timers.push(setTimeout(() => alive().forEach(act), milliseconds));
  const killLater = () =>
    later(1000 * grace, (child) => {
      killed.add(child);
      child.kill('SIGKILL');
    });
  let asked = 0;
  const passOn = (signal: NodeJS.Signals) => {
    for (const child of alive()) child.kill(signal);
    asked += 1;
    if (asked === 2) killLater();
  };
  const save = () => void children[0]!.kill('SIGUSR1');
  for (const signal of requests) process.on(signal, passOn);
  process.on('SIGUSR1', save);
  try {
    await Promise.all(
      children.map(async (child, rank) => {
        const [code, signal] = (await once(child, 'close')) as [number | null, Ended['signal']];
        ended.push({ rank, code, signal, hung: killed.has(child) });
        if (ended.length > 1) return;
        if (code !== 0 && !(stopped.includes(code) && hasBegun()))
          later(noticing, (other) => other.kill('SIGTERM'));
        killLater();
      }),
    );
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const signal of requests) process.off(signal, passOn);
    process.off('SIGUSR1', save);
  }
  return { ended, asked: asked > 0 };
}
