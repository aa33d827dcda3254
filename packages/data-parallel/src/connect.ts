import { compile } from '@bag-of-tricks/graph';
import type * as tf from '@tensorflow/tfjs-core';
import { allReduce } from './all-reduce.ts';
import { openAttendance } from './attendance.ts';
import { type Cluster, defaultTimeout, type WaitOptions } from './cluster.ts';
import { reachOthers } from './reach-others.ts';
import { LostProcessError, watchOthers } from './watch.ts';

/** What a process can ask of all others. All of them must ask the same at the same point. */
export interface Processes {
  /** Of this process, from 0. */
  readonly rank: number;
  readonly size: number;
  /** The sums over all processes of as many numbers, each exact as long as it is a whole number up to 2^24, else rounded to float32. */
  sum(values: readonly number[]): Promise<number[]>;
  /** What each process has, by rank: anything that JSON can write. */
  gather<Value>(value: Value): Promise<Value[]>;
  /**
   * Waits for what needs all of them, such as a step with an `allReduce`.
   *
   * @throws LostProcessError - naming the process that has ended, hangs, or answers and does not take part within `timeout`. TensorFlow may then wait for ever on another thread, and Node's
   * `process.exit` for that: `endProcess` of libtensorflow/native does not.
   */
  together<Result>(work: Promise<Result>): Promise<Result>;
  /** Waits for what frees something, unless that needs a process that is gone. */
  freed(freeing: Promise<void>): Promise<void>;
  dispose(): Promise<void>;
}

/** A process by itself. */
const alone: Processes = {
  ...{ rank: 0, size: 1 },
  sum: (values) => Promise.resolve([...values]),
  gather: (value) => Promise.resolve([value]),
  together: (work) => work,
  freed: (freeing) => freeing,
  dispose: () => Promise.resolve(),
};

/**
 * Starts this process's server of the cluster, and waits for those of the others; with null, a process is by itself. TensorFlow's servers
 * have no authentication: whoever reaches the address can compute here. A server listens until the process ends.
 *
 * @example
 * ```ts
 * import { connect } from '@bag-of-tricks/data-parallel';
 *
 * const { rank, size, gather } = await connect(null);
 * console.log(rank, size, await gather({ images: 12 })); // 0 1 [ { images: 12 } ]
 * ```
 *
 * @throws Error - naming the address that cannot be listened at, such as one that another program has, or the rank that was not there
 * within `timeout` seconds (a LostProcessError); or for a second cluster. The signal's reason when aborted meanwhile.
 */
export async function connect(
  cluster: Cluster | null,
  waiting: WaitOptions = {},
): Promise<Processes> {
  if (cluster === null) return alone;
  const { rank, addresses, timeout = defaultTimeout } = cluster;
  const size = addresses.length;
  const reduce = allReduce({ size, result: 'sum', timeout });
  const adding = await compile(({ values }) => reduce({ values }) as { values: tf.Tensor1D }, {
    inputs: { values: { shape: [null] } },
    session: { cluster },
  });
  const attendance = await openAttendance(cluster);
  await reachOthers(cluster, timeout, waiting);
  const { together, stop } = watchOthers(cluster, attendance);
  const freed = (freeing: Promise<void>) =>
    together(freeing).catch((error) => {
      if (!(error instanceof LostProcessError)) throw error;
    });
  const sum = async (values: ArrayLike<number>) => {
    const sums = await together(adding.run({ values: Float32Array.from(values) }));
    return Array.from(sums.values.values);
  };
  return {
    ...{ rank, size, sum, together, freed },
    async gather(value) {
      const text = Buffer.from(JSON.stringify(value));
      const own = (slots: number, bytes: ArrayLike<number>) => {
        const all = new Float32Array(size * slots);
        all.set(bytes, rank * slots);
        return all;
      };
      const lengths = await sum(own(1, [text.length]));
      const longest = Math.max(...lengths);
      const texts = Buffer.from(await sum(own(longest, text)));
      return lengths.map((length, i) =>
        JSON.parse(texts.toString('utf8', i * longest, i * longest + length)),
      );
    },
    async dispose() {
      await freed(adding.dispose());
      attendance.dispose();
      stop();
    },
  };
}
