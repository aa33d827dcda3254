import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { TensorFlowError } from '@bag-of-tricks/libtensorflow/native';
import type { Attendance } from './attendance.ts';
import { type Cluster, defaultTimeout } from './cluster.ts';
import { absent, Others } from './others.ts';

/** Another process of the cluster has ended, hangs, cannot be reached or never came. A call of TensorFlow may wait for it for ever: this process can do nothing but end. */
export class LostProcessError extends Error {
  override readonly name = 'LostProcessError';
}

/** How TensorFlow reports that another process ended, or does not come. */
const gone = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED', 'CANCELLED'];
/** How it may report that too, as it does much else. */
const perhapsGone = ['INTERNAL', 'UNKNOWN'];

/** Looks after the other processes. */
export interface Watch {
  /** Waits for what needs all of them. */
  together<Result>(work: Promise<Result>): Promise<Result>;
  stop(): void;
}

/**
 * Asks each of the others for its status now and then, for one that hangs can let a native call wait for ever, and where TensorFlow
 * reports an error that a lost process can cause.
 */
export function watchOthers(
  { addresses, rank, timeout = defaultTimeout, heartbeat = 60 }: Cluster,
  attendance: Pick<Attendance, 'wait' | 'tell' | 'isIn'>,
): Watch {
  const stopping = new AbortController();
  const { signal } = stopping;
  // One for each of the others, and Node warns of more than ten.
  setMaxListeners(0, signal);
  const others = new Others({ addresses, rank, timeout, heartbeat }, attendance, signal);
  const lostBy = (faults: readonly string[], cause?: unknown) =>
    new LostProcessError(
      `rank ${rank}: expected all ${addresses.length} processes to go on; ${faults.join('; ')}`,
      { cause },
    );
  let exchanges = 0;
  let haveExchanged = false;
  const watch = async (one: number) => {
    for (;;) {
      // Until they have exchanged something, an error of one alone, such as images that it lacks, is likely.
      const pause = haveExchanged ? 250 * heartbeat : Math.min(1000, 250 * heartbeat);
      // A process that is done ends.
      await delay(pause, undefined, { signal, ref: false });
      if ((await others.ended(one, 0.35 * heartbeat)) === null) continue;
      // What it sent before it ended is heard first.
      await delay(1000, undefined, { signal });
      const fault = await others.ended(one, 0.35 * heartbeat);
      if (fault !== null) throw lostBy([fault]);
    }
  };
  let lost: unknown;
  // A promise of the loss would keep what each step has raced against it.
  const waiting = new Set<(error: unknown) => void>();
  const lose = (error: unknown) => {
    if (signal.aborted) return;
    lost = error;
    for (const fail of waiting) fail(error);
  };
  Promise.race(others.ranks.map(watch)).catch(lose);
  const unlessLost = async <Result>(work: Promise<Result>, exchange: number) => {
    let fail = (_: unknown) => {};
    const failing = new Promise<never>((_, reject) => {
      fail = reject;
      if (lost !== undefined) reject(lost);
    });
    waiting.add(fail);
    // Sooner than TensorFlow, which at times crashes when it gives a collective up. A step may take longer than that, where all are in it.
    const late = setInterval(() => {
      const failIfAbsent = (isOne: boolean) =>
        isOne && lose(lostBy([`one did not join within ${timeout} s`]));
      // It may have been stopped meanwhile.
      for (const one of others.ranks) others.isAbsent(one, exchange).then(failIfAbsent, () => {});
    }, 1000 * timeout);
    try {
      return await Promise.race([work, failing]);
    } finally {
      waiting.delete(fail);
      clearInterval(late);
    }
  };
  const explain = async (error: unknown, exchange: number, seconds: number) => {
    const isLost = error instanceof LostProcessError;
    const code = error instanceof TensorFlowError ? error.code : '';
    const isGone = isLost || gone.includes(code);
    if ((isLost && !others.mayHaveGivenUp(seconds)) || (!isGone && !perhapsGone.includes(code)))
      return error;
    attendance.tell(exchange);
    const known = await others.faults(exchange, seconds);
    if (known.length === 0 && (isLost || !isGone)) return error;
    // Others, who give up a little later or had come before, ask this one too.
    if (known.length === 0 || known.some((fault) => fault.includes(absent)))
      await delay(3000, undefined, { signal });
    if (known.length > 0) return lostBy(known, error);
    const slow = `all answer, but one did not join within ${timeout} s, or left`;
    const [first] = (error as Error).message.split('\n');
    return lostBy([slow, `TensorFlow says: ${first}`], error);
  };
  return {
    async together(work) {
      const exchange = ++exchanges;
      const started = performance.now();
      const end = attendance.wait(exchange);
      try {
        const result = await unlessLost(work, exchange);
        haveExchanged = true;
        return result;
      } catch (error) {
        throw await explain(error, exchange, (performance.now() - started) / 1000);
      } finally {
        end();
      }
    },
    stop: () => stopping.abort(),
  };
}
