import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UNFINISHED } from './write-whole.ts';

/** The file of a lock in its folder. */
export const LOCK = '.lock';

/** A process, so that no other one is taken for it, on this machine or elsewhere. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Of the start of the machine, of the name space of pids, and of the process; empty where the system does not tell. */
  readonly boot: string;
  readonly space: string;
  readonly started: string;
}

/** Another process has the folder. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError';
  readonly pid: number;
  readonly host: string;
  constructor(folder: string, { pid, host }: { readonly pid: number; readonly host: string }) {
    super(
      `${folder}: expected a folder that no other process writes to, process ${pid} on ${host} does. Wait for it, or stop it`,
    );
    this.pid = pid;
    this.host = host;
  }
}

/** A holder shows that it lives every half minute; one that cannot be looked up and has not for five minutes does not. */
const halfMinute = 30_000;
const dead = 10 * halfMinute;

/** A lock that cannot be read is being written, or its maker was killed before it could. */
const torn = 2000;

function tryRead(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** The start of a process by the 22nd field of its `stat`, counted after the name in brackets, which may hold anything; '' of a zombie. */
const startOf = (pid: number) =>
  tryRead(() => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return fields[0] === 'Z' ? '' : fields[19]!;
  });

const self = (): Holder => ({
  pid: process.pid,
  host: hostname(),
  boot: tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  space: tryRead(() => readlinkSync('/proc/self/ns/pid')),
  started: startOf(process.pid),
});

/** Whether a process of this number runs on this machine, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const runsHere = ({ pid, started }: Holder): boolean => isAlive(pid) && started === startOf(pid);

/** A neighbour of a lock, which `removeLeftovers` deletes if we cannot. */
const beside = (path: string) => `${path}-${process.pid}${UNFINISHED}`;

/** The age of a file by the clock of its file system. */
async function ageOf(path: string): Promise<number> {
  await writeFile(beside(path), '');
  const { mtimeMs: now } = await stat(beside(path));
  await rm(beside(path), { force: true });
  return now - (await stat(path)).mtimeMs;
}

/** Locks of this process that nobody holds: an error came when they were written or deleted. */
const abandoned = new Set<string>();

/** Whether the holder of a lock lives; one that can be looked up is, for any other its sign of life has to be young. */
async function lives(holder: Holder, path: string): Promise<boolean> {
  const me = self();
  const isHere = holder.host === me.host && holder.space === me.space;
  if (holder.host === me.host && holder.boot !== me.boot) return false;
  if (isHere && !runsHere(holder)) return false;
  if (isHere && holder.pid === process.pid && abandoned.has(path)) return false;
  return (isHere && holder.started !== '') || (await ageOf(path)) < dead;
}

/** Moves a lock that nobody holds out of the way; one that another process has just taken instead goes back. */
async function breakLock(path: string, text: string): Promise<void> {
  await rename(path, beside(path));
  if ((await readFile(beside(path), 'utf8')) !== text) await rename(beside(path), path);
  else await rm(beside(path), { force: true });
}

/** Breaks the lock that is there, unless its holder lives. */
async function breakDeadLock(folder: string, path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  let holder: Holder | null = null;
  try {
    holder = JSON.parse(text) as Holder;
  } catch {
    if ((await ageOf(path)) < torn) return delay(50);
  }
  if (holder && (await lives(holder, path))) throw new FolderLockedError(folder, holder);
  await breakLock(path, text);
}

/**
 * Takes a folder for this process, until the function that it returns is called. A lock that a killed process left is broken: on this
 * machine at once, by its pid, its start and the machine's; of another machine, or another container, after five minutes without a
 * sign of life.
 *
 * @param beat Milliseconds between two signs of life, the lock's time of change. Default: 30,000.
 * @throws FolderLockedError when another process has it; what the file system throws.
 */
export async function lockFolder(
  folder: string,
  { beat = halfMinute }: { readonly beat?: number } = {},
): Promise<() => Promise<void>> {
  const path = join(resolve(folder), LOCK);
  const text = JSON.stringify(self());
  for (let taken = false; !taken; ) {
    try {
      await writeFile(path, text, { flag: 'wx' });
      taken = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        abandoned.add(path);
        throw error;
      }
      await breakDeadLock(folder, path).catch((reason: NodeJS.ErrnoException) => {
        // Its holder was faster in releasing it.
        if (reason.code !== 'ENOENT') throw reason;
      });
    }
  }
  abandoned.delete(path);
  const timer = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), beat);
  timer.unref();
  return async () => {
    clearInterval(timer);
    abandoned.add(path);
    const now = await readFile(path, 'utf8').catch(() => text);
    if (now === text) await rm(path, { force: true });
    abandoned.delete(path);
  };
}
