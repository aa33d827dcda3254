import { setTimeout as delay } from 'node:timers/promises';
import type { Attendance } from './attendance.ts';
import type { Cluster } from './cluster.ts';
import { faultAt } from './server-status.ts';

/** Part of what is said of a process that hangs in JavaScript. */
export const absent = 'answers, but does not take part';

interface Watched extends Pick<Cluster, 'addresses' | 'rank'> {
  readonly timeout: number;
  readonly heartbeat: number;
}

/** The other processes, and how each is seen to be. */
export class Others {
  readonly ranks: readonly number[];
  readonly #cluster: Omit<Watched, 'rank'>;
  readonly #attendance: Pick<Attendance, 'isIn'>;
  readonly #signal: AbortSignal;

  constructor(
    { rank, ...cluster }: Watched,
    attendance: Pick<Attendance, 'isIn'>,
    signal: AbortSignal,
  ) {
    this.ranks = cluster.addresses.map((_, other) => other).filter((other) => other !== rank);
    this.#cluster = cluster;
    this.#attendance = attendance;
    this.#signal = signal;
  }

  /** Says that a process has ended or hangs as a whole; null where its server answers. */
  async ended(rank: number, seconds: number): Promise<string | null> {
    const { addresses } = this.#cluster;
    const fault = await faultAt({ addresses, rank }, { seconds, signal: this.#signal });
    return fault && `rank ${rank} at ${addresses[rank]} has ended or hangs: ${fault.reason}`;
  }

  /** Whether a process is not in the exchange, nor in a later one. */
  async isAbsent(rank: number, exchange: number): Promise<boolean> {
    if (await this.#attendance.isIn(rank, exchange)) return false;
    // Who came last tells it a second later, or when it gives up.
    await delay(1000, undefined, { signal: this.#signal });
    return !(await this.#attendance.isIn(rank, exchange));
  }

  /** Whether one that came sooner may have given up where this process has waited so long. */
  mayHaveGivenUp(seconds: number): boolean {
    return seconds > this.#cluster.timeout / 2;
  }

  /** What is wrong with them; where this process waits long, also who answers and does not wait too. */
  async faults(exchange: number, seconds: number): Promise<string[]> {
    const { addresses, timeout, heartbeat } = this.#cluster;
    const within = Number(Math.min(timeout, seconds).toFixed(1));
    const faults = await Promise.all(
      this.ranks.map(async (rank) => {
        const ended = await this.ended(rank, Math.min(5, heartbeat));
        if (ended !== null || !this.mayHaveGivenUp(seconds)) return ended;
        if (!(await this.isAbsent(rank, exchange))) return null;
        return `rank ${rank} at ${addresses[rank]} ${absent}: it did not join within ${within} s`;
      }),
    );
    return faults.filter((fault) => fault !== null);
  }
}
