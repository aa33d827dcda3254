import { seededRandom } from '@bag-of-tricks/random';
import type { ErrorCode, Operation } from '../library/control.ts';
import { groupBy } from './group.ts';

/** Faults by the names they have in the table. A kill is a copy of the folder as it would leave it; SIGKILL is one of a process. */
export const faultNames = [
  ...['kill', 'torn', 'SIGKILL'],
  ...['ENOSPC', 'full', 'EIO', 'EACCES', 'EINTR', 'short'],
] as const;

export type FaultName = (typeof faultNames)[number];

/** One fault at one operation, counted from 1. */
export interface Case {
  readonly fault: FaultName;
  readonly at: number;
  readonly operation: Operation;
}

export const errorCodes: readonly string[] = [
  'ENOSPC',
  'EIO',
  'EACCES',
  'EINTR',
] satisfies ErrorCode[];

const always: readonly FaultName[] = ['kill', 'EIO'];

/** A process is killed at every tenth operation: a case takes as long as ten others, and shows only that the copies are what a kill leaves. */
const killEvery = 10;
const space: readonly FaultName[] = ['ENOSPC', 'full'];

/** What may happen to an operation beside a kill and EIO, as the man pages have it. */
const possible: Readonly<Record<string, readonly FaultName[]>> = {
  create: [...space, 'EACCES', 'EINTR'],
  'open to write': ['EACCES', 'EINTR'],
  open: ['EACCES', 'EINTR'],
  write: [...space, 'torn', 'EINTR', 'short'],
  pwrite: [...space, 'torn', 'EINTR', 'short'],
  writev: [...space, 'torn', 'EINTR', 'short'],
  pwritev: [...space, 'torn', 'EINTR', 'short'],
  copy: [...space, 'EINTR', 'short'],
  close: ['EINTR'],
  fsync: ['ENOSPC', 'EINTR'],
  truncate: ['EACCES', 'EINTR'],
  rename: ['ENOSPC', 'EACCES'],
  symlink: [...space, 'EACCES'],
  link: [...space, 'EACCES'],
  mkdir: [...space, 'EACCES'],
  rmdir: ['EACCES'],
  unlink: ['EACCES'],
  list: ['EACCES'],
};

/** Every fault at every operation. */
export const allCases = (operations: readonly Operation[]): Case[] =>
  operations.flatMap((operation, i) => {
    const at = i + 1;
    const faults: FaultName[] = [...always, ...(possible[operation.name] ?? [])];
    if (at % killEvery === 0) faults.push('SIGKILL');
    return faults.map((fault) => ({ fault, at, operation }));
  });

/** A name to find the case by: `ENOSPC@12`. */
export const nameOf = ({ fault, at }: Case) => `${fault}@${at}`;

const shuffled = <T>(values: readonly T[], random: () => number): T[] =>
  values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);

/** So many cases, drawn by the seed: in turns one of each fault at each kind of operation. Processes to kill cost most, and are the fewest. */
export function drawCases(all: readonly Case[], count: number, seed: number): Case[] {
  const random = seededRandom(seed);
  const groups = groupBy(shuffled(all, random), ({ fault, operation }) =>
    fault === 'SIGKILL' ? fault : `${fault} ${rowOf(operation)}`,
  );
  const queues = shuffled([...groups.values()], random);
  const drawn: Case[] = [];
  for (let turn = 0; drawn.length < Math.min(count, all.length); turn++) {
    for (const queue of queues) {
      const size = queue[0]!.fault === 'SIGKILL' ? 4 : 1;
      drawn.push(...queue.slice(turn * size, (turn + 1) * size));
    }
  }
  return drawn.slice(0, count);
}

/** Operations after a cutting-off of rows in which they could be written again, and be lost. */
const nearby = 3;

/** Kills at each cutting-off of rows and right after it: a draw may miss the few moments in which one could lose rows. */
export function killsAtCuts(all: readonly Case[]): Case[] {
  const cuts = all.filter(({ operation }) => operation.name === 'truncate').map(({ at }) => at);
  const isNear = (at: number) => cuts.some((cut) => at >= cut && at <= cut + nearby);
  return all.filter(({ fault, at }) => fault === 'kill' && isNear(at));
}

/** What an operation is on, whatever the numbers in its names are. */
export function rowOf({ name, path }: Operation): string {
  const [first, ...rest] = path.split('/');
  // The temporary name of what has one already: `.tmp-.tmp-probe-77`.
  const named = path.replace(/^(\.tmp-\.[^/]*?)-\d+/, '$1');
  if (path === '.') return `${name} the run folder`;
  if (first !== 'checkpoints') return `${name} ${named.replace(/[.*]*\.unfinished$/, ' (new)')}`;
  const entry = rest[0] ?? '';
  if (entry === '') return `${name} checkpoints`;
  if (!/^(\.tmp-)?epoch-/.test(entry)) {
    return `${name} ${/last/.test(entry) ? 'last' : /best/.test(entry) ? 'best' : entry}`;
  }
  const part = entry.startsWith('.tmp-') ? 'new checkpoint' : 'checkpoint';
  return `${name} ${part}${rest[1] ? ', a file' : ''}`;
}
