import { readdirSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { bindDescriptors, readText, SEEK_CUR, SEEK_SET, STDERR } from './descriptors.ts';
import { alone } from './held-log.ts';
import { koffi } from './koffi.ts';

/** From Linux's sched.h. */
const CLONE_FILES = 0x400;

/**
 * What native code writes to the standard error output on this thread alone, such as libjpeg's warnings, which no call turns off.
 *
 * The thread gets a table of file descriptors of its own, as Linux lets any process do (Docker's default seccomp profile does not), so
 * that the other threads' errors go where they went. For a worker thread that has loaded what it needs: of a file that it
 * opens itself and closes by Node's pool (`fs.close`), the pool closes the number, which is another file's in the process.
 */
export class ThreadLog {
  readonly #libc: ReturnType<typeof bind>;
  /** A file in memory. */
  readonly #log: number;
  readonly #stderr: number;

  private constructor(libc: ReturnType<typeof bind>) {
    this.#libc = libc;
    this.#log = libc.memfd_create('thread-log', 0);
    this.#stderr = libc.dup(STDERR);
  }

  /** `undefined` where a thread cannot have that. Pools of threads that it shares with others must exist: new ones would share its table. */
  static async open(os: string = process.platform): Promise<ThreadLog | undefined> {
    // Which threads Bun and Deno start from this one is not known.
    if (os !== 'linux' || process.versions.bun || process.versions.deno) return undefined;
    // Starts libuv's pool, if nothing has.
    await stat('/');
    const libc = bind();
    // Not while another thread has set the standard error output aside: the copy would be of that.
    if (alone(libc, () => libc.unshare(CLONE_FILES)) !== 0) return undefined;
    for (const descriptor of othersDescriptors()) libc.close(descriptor);
    return new ThreadLog(libc);
  }

  /** Runs `action`, and holds what is written meanwhile. */
  during<T>(action: () => T): T {
    const { dup2 } = this.#libc;
    dup2(this.#log, STDERR);
    try {
      return action();
    } finally {
      dup2(this.#stderr, STDERR);
    }
  }

  /** Returns what is held, and forgets it. */
  take(): string {
    const { lseek, ftruncate } = this.#libc;
    const length = lseek(this.#log, 0, SEEK_CUR);
    if (length === 0) return '';
    const text = readText(this.#libc, this.#log, length);
    ftruncate(this.#log, 0);
    lseek(this.#log, 0, SEEK_SET);
    return text;
  }
}

function bind() {
  const libc = koffi.load(null);
  return {
    ...bindDescriptors(libc),
    unshare: libc.func('int unshare(int)') as (flags: number) => number,
  };
}

/**
 * The descriptors of which a copy would keep alive what the process closes: a socket, a lock, a deleted file, an end of a pipe. An event
 * loop's own are anonymous inodes, or pipes with both ends here.
 */
function othersDescriptors(): number[] {
  const folder = '/proc/thread-self/fd';
  const targets = new Map<number, string>();
  for (const name of readdirSync(folder)) {
    try {
      targets.set(Number(name), readlinkSync(`${folder}/${name}`));
    } catch {
      // The descriptor by which the folder was read.
    }
  }
  const all = [...targets.values()];
  const isLoops = (target: string) =>
    target.startsWith('anon_inode:') ||
    (target.startsWith('pipe:') && all.indexOf(target) !== all.lastIndexOf(target));
  return [...targets].flatMap(([descriptor, target]) =>
    descriptor > STDERR && !isLoops(target) ? [descriptor] : [],
  );
}
