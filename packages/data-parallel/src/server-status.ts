import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { jobOf } from '@bag-of-tricks/libtensorflow/native';
import type { Cluster } from './cluster.ts';

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
