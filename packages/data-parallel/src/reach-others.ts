import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, tellLate, type WaitOptions } from './cluster.ts';
import { faultAt } from './server-status.ts';
import { LostProcessError } from './watch.ts';

/** So many of those for whom a process waits are told with the reason. */
const toldOf = 3;

/** Waits for the servers of the other processes: TensorFlow would report each attempt at one that has not started yet as an error. */
export async function reachOthers(
  { addresses, rank: own }: Pick<Cluster, 'addresses' | 'rank'>,
  timeout: number,
  { signal, onWait = () => {} }: WaitOptions,
): Promise<void> {
  const until = performance.now() + 1000 * timeout;
  const missing = new Map(addresses.map((_, rank) => [rank, 'no answer']));
  missing.delete(own);
  const stop = tellLate(() => {
    const told = Array.from(
      missing,
      ([rank, last]) => `rank ${rank} at ${addresses[rank]}: ${last}`,
    );
    const more = told.splice(toldOf).length;
    onWait(`waiting for ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
  });
  const reach = async (rank: number) => {
    for (;;) {
      const fault = await faultAt({ addresses, rank }, { seconds: Math.min(10, timeout), signal });
      signal?.throwIfAborted();
      if (fault === null) break;
      missing.set(rank, fault.reason);
      // Nothing can mend that but another cluster.
      if (performance.now() > until || fault.isOther) {
        throw new LostProcessError(
          `connect: expected rank ${rank} at ${addresses[rank]} within ${timeout} s, got: ${fault.reason}. Start it, give all the same addresses in the same order, and look whether this host reaches it`,
        );
      }
      await delay(100);
    }
    missing.delete(rank);
  };
  try {
    await Promise.all(Array.from(missing.keys(), reach));
  } finally {
    stop();
  }
}
