import { setMaxListeners } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { jobOf, TensorFlowError } from '@bag-of-tricks/libtensorflow/native';
import type { Attendance } from './attendance.ts';
import { type Cluster, defaultTimeout } from './cluster.ts';

/** Another process of the cluster has ended, hangs, cannot be reached or never came. A call of TensorFlow may wait for it for ever: this process can do nothing but end. */
export class LostProcessError extends Error {
  override readonly name = 'LostProcessError';
}

/** Waits so many seconds in which an answer could have been heard: a time in which JavaScript was busy counts as one tick. */
async function listen(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  for (let tick = 0; tick < 4 * seconds; tick++) await delay(250, undefined, { signal });
}

/** The names of the devices of a server, by TensorFlow's own request for its status: native threads answer, whatever JavaScript does there. */
async function devicesAt(address: string, seconds: number, signal?: AbortSignal): Promise<string> {
  const session = connect(`http://${address}`);
  // The request has the same error.
  session.on('error', () => {});
  const answered = new AbortController();
  const until = signal ? AbortSignal.any([signal, answered.signal]) : answered.signal;
  const late = async () => {
    await listen(seconds, until);
    throw new Error(`no answer within ${Number(seconds.toFixed(1))} s`);
  };
  const answer = async () => {
    const request = session.request({
      ...{ ':method': 'POST', ':path': '/tensorflow.WorkerService/GetStatus' },
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    });
    // A message of gRPC without content: not compressed, 0 bytes.
    request.setEncoding('latin1').end(Buffer.alloc(5));
    let devices = '';
    for await (const text of request) devices += text;
    return devices;
  };
  try {
    return await Promise.race([answer(), late()]);
  } finally {
    answered.abort();
    session.destroy();
  }
}

interface Fault {
  readonly reason: string;
  /** Whether it is another program, another rank or another run that answers there. */
  readonly isOther?: boolean;
}

/** What is wrong with the server of a rank; null where one of this run and rank answers at its address. */
export async function faultAt(
  { addresses, rank }: Pick<Cluster, 'addresses' | 'rank'>,
  { seconds, signal }: { seconds: number; signal?: AbortSignal | undefined },
): Promise<Fault | null> {
  try {
    const devices = await devicesAt(addresses[rank]!, seconds, signal);
    const [, job, task] = /\/job:(\w+)\/replica:0\/task:(\d+)\//.exec(devices) ?? [];
    const isOurs = job === jobOf(addresses);
    if (isOurs && Number(task) === rank) return null;
    const run = isOurs ? '' : ' of a run with other addresses, or in another order,';
    const there = task === undefined ? 'another program' : `rank ${task}${run}`;
    return { reason: `${there} is there`, isOther: true };
  } catch (error) {
    // A request without a connection fails with the connection's error as its cause.
    const { cause = error } = error as Error;
    return { reason: (cause as Error).message };
  }
}

/** How TensorFlow reports that another process ended, or does not come. */
const gone = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED', 'CANCELLED'];
/** How it may report that too, as it does much else. */
const perhapsGone = ['INTERNAL', 'UNKNOWN'];

const absent = 'answers, but does not take part';

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
  const others = addresses.map((address, other) => ({ address, other }));
  others.splice(rank, 1);
  const lostBy = (faults: readonly string[], cause?: unknown) =>
    new LostProcessError(
      `rank ${rank}: expected all ${addresses.length} processes to go on; ${faults.join('; ')}`,
      { cause },
    );
  const ask = async ({ address, other }: (typeof others)[number], seconds: number) => {
    const fault = await faultAt({ addresses, rank: other }, { seconds, signal });
    return fault && `rank ${other} at ${address} has ended or hangs: ${fault.reason}`;
  };
  const isAbsent = async ({ other }: (typeof others)[number], exchange: number) => {
    if (await attendance.isIn(other, exchange)) return false;
    // Who came last tells it a second later, or when it gives up.
    await delay(1000, undefined, { signal });
    return !(await attendance.isIn(other, exchange));
  };
  /** Whether another one, which came sooner, may have given up. */
  const isLong = (seconds: number) => seconds > timeout / 2;
  /** What is wrong with the others; where this process waits long, also who answers and does not wait too. */
  const faultsIn = async (exchange: number, seconds: number) => {
    const faults = await Promise.all(
      others.map(async (one) => {
        const fault = await ask(one, Math.min(5, heartbeat));
        if (fault !== null || !isLong(seconds) || !(await isAbsent(one, exchange))) return fault;
        const within = Number(Math.min(timeout, seconds).toFixed(1));
        return `rank ${one.other} at ${one.address} ${absent}: it did not join within ${within} s`;
      }),
    );
    return faults.filter((fault) => fault !== null);
  };
  let exchanges = 0;
  let haveExchanged = false;
  const watch = async (one: (typeof others)[number]) => {
    for (;;) {
      // Until they have exchanged something, an error of one alone, such as images that it lacks, is likely.
      const pause = haveExchanged ? 250 * heartbeat : Math.min(1000, 250 * heartbeat);
      // A process that is done ends.
      await delay(pause, undefined, { signal, ref: false });
      if ((await ask(one, 0.35 * heartbeat)) === null) continue;
      // What it sent before it ended is heard first.
      await delay(1000, undefined, { signal });
      const fault = await ask(one, 0.35 * heartbeat);
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
  Promise.race(others.map(watch)).catch(lose);
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
      for (const one of others) isAbsent(one, exchange).then(failIfAbsent, () => {});
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
    if ((isLost && !isLong(seconds)) || (!isGone && !perhapsGone.includes(code))) return error;
    attendance.tell(exchange);
    const known = await faultsIn(exchange, seconds);
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
