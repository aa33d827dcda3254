/** How many threads TensorFlow runs; its own choice (one a core) where not given. */
export interface ThreadOptions {
  /** Threads that share the work of one op. */
  readonly intraOpThreads?: number;
  /** Ops that run at the same time, in a graph. */
  readonly interOpThreads?: number;
}

/** Field numbers of TensorFlow's ConfigProto (tensorflow/core/protobuf/config.proto). */
const INTRA_OP_PARALLELISM_THREADS = 2;
const INTER_OP_PARALLELISM_THREADS = 5;

/**
 * The bytes of a ConfigProto with these numbers of threads.
 *
 * @throws RangeError - if a number is not a whole one from 1 to 1024.
 */
export function encodeThreads(options: ThreadOptions): Uint8Array {
  return Uint8Array.from([
    ...threadField(INTRA_OP_PARALLELISM_THREADS, 'intraOpThreads', options.intraOpThreads),
    ...threadField(INTER_OP_PARALLELISM_THREADS, 'interOpThreads', options.interOpThreads),
  ]);
}

function threadField(field: number, name: string, threads: number | undefined): number[] {
  if (threads === undefined) return [];
  if (!Number.isInteger(threads) || threads < 1 || threads > 1024) {
    throw new RangeError(
      `encodeThreads: expected ${name} to be a whole number from 1 to 1024, got ${threads}.`,
    );
  }
  // A protobuf varint: seven bits a byte, the lowest first; the tag's low three bits are 0 for it.
  const tag = field << 3;
  return threads < 128 ? [tag, threads] : [tag, (threads & 127) | 128, threads >> 7];
}
