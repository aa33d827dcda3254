import type { DecodedImages } from '../image-decoder.ts';
import type { ReaderOptions } from '../pixels/image-reader.ts';
import { type Chunk, DecodeJob, type JobOutput } from './decode-job.ts';
import { DecoderThread } from './decoder-thread.ts';
import type { PlacedTask, ThreadData } from './messages.ts';

/** So that a thread need not wait for its next images while the main thread is busy. */
const ASSIGNMENTS_A_THREAD = 2;
/** Small parts even out the work, large ones cost fewer messages. */
const PARTS_A_THREAD = 4;
const MAX_PART = 16;

/** What happens to images that a decoder gets after it was disposed, or has when it is. */
export function disposedError(): Error {
  return new Error(
    'ImageDecoder.decode: expected a live decoder, but it was disposed. Make a new one with createImageDecoder.',
  );
}

/** The threads of a decoder, and the queue of what they are to do. */
export class DecoderPool {
  readonly #threads: readonly DecoderThread[];
  readonly #queue: Chunk[] = [];
  readonly #assigned = new Set<Chunk>();
  #end: Error | undefined;
  #disposal: Promise<void> | undefined;

  private constructor(threads: readonly DecoderThread[]) {
    this.#threads = threads;
    for (const thread of threads) thread.onEnd = (reason) => this.#stop(reason);
  }

  /** Starts the threads; rejects with the reason if they cannot load TensorFlow. */
  static async start(
    threads: number,
    { library, reader }: ThreadData & { readonly reader: ReaderOptions },
  ): Promise<DecoderPool> {
    const taken = Array.from({ length: threads }, () => DecoderThread.take(library));
    const pool = new DecoderPool(taken);
    try {
      await Promise.all(taken.map((thread) => thread.open(reader)));
    } catch (error) {
      await pool.dispose();
      throw error;
    }
    return pool;
  }

  /** Decodes at least one image, and returns those that failed. */
  async decode(
    tasks: readonly PlacedTask[],
    { signal, ...target }: JobOutput & { readonly signal?: AbortSignal | undefined },
  ): Promise<DecodedImages['failures']> {
    if (this.#end !== undefined) throw this.#end;
    signal?.throwIfAborted();
    const job = new DecodeJob(withOwnBuffers(tasks), target);
    const abort = () => job.fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const part = Math.ceil(tasks.length / (this.#threads.length * PARTS_A_THREAD));
    this.#queue.push(...job.chunks(Math.min(part, MAX_PART)));
    this.#assign();
    try {
      return await job.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Rejects what is under way and gives the threads back, also those that are left after one has failed. */
  dispose(): Promise<void> {
    this.#stop(disposedError());
    this.#disposal ??= Promise.all(this.#threads.map((thread) => thread.release())).then(() => {});
    return this.#disposal;
  }

  /** Gives work to the threads that have least. */
  #assign(): void {
    for (let load = 0; load < ASSIGNMENTS_A_THREAD; load++) {
      for (const thread of this.#threads) {
        if (thread.load !== load) continue;
        const chunk = this.#next();
        if (chunk === undefined) return;
        void this.#send(thread, chunk);
      }
    }
  }

  #next(): Chunk | undefined {
    let chunk = this.#queue.shift();
    while (chunk?.job.settled) chunk = this.#queue.shift();
    return chunk;
  }

  async #send(thread: DecoderThread, chunk: Chunk): Promise<void> {
    // The thread takes the bytes over. An image may be a view of a whole shard, and stays the caller's unless it is movable.
    const tasks = chunk.tasks.map((task) => ({ ...task, image: owned(task.image) }));
    const buffers = tasks.map(({ image }) => bytesOf(image).buffer).filter(isOwn);
    this.#assigned.add(chunk);
    try {
      chunk.job.complete(chunk, await thread.decode({ tasks, ...chunk.job.target }, buffers));
    } catch (error) {
      chunk.job.fail(error);
    }
    this.#assigned.delete(chunk);
    this.#assign();
  }

  #stop(reason: Error): void {
    this.#end ??= reason;
    const chunks = [...this.#queue.splice(0), ...this.#assigned];
    for (const { job } of chunks) if (!job.settled) job.fail(reason);
  }
}

type Image = PlacedTask['image'];

function owned(image: Image): Image {
  if (!isOwn(bytesOf(image).buffer)) return image;
  return image.kind === 'encoded' && image.movable && canMove(image.bytes) ? image : copyOf(image);
}

/** The tasks with a copy of each buffer that an earlier one has: it can be moved but once. */
function withOwnBuffers(tasks: readonly PlacedTask[]): PlacedTask[] {
  const seen = new Set<ArrayBufferLike>();
  return tasks.map((task) => {
    const { buffer } = bytesOf(task.image);
    if (!isOwn(buffer)) return task;
    if (seen.has(buffer)) return { ...task, image: copyOf(task.image) };
    seen.add(buffer);
    return task;
  });
}

function copyOf(image: Image): Image {
  return image.kind === 'encoded'
    ? { ...image, bytes: new Uint8Array(image.bytes) }
    : { ...image, pixels: new Uint8Array(image.pixels) };
}

/** Moving a part of a buffer, such as one of Node's pool, would take the rest along. */
function canMove({ buffer, byteLength }: Uint8Array): boolean {
  return buffer.byteLength === byteLength;
}

/** Whether a buffer is this thread's own; a shared one is the other threads' as well, and neither copied nor moved. */
function isOwn(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer;
}

function bytesOf(image: Image): Uint8Array {
  return image.kind === 'encoded' ? image.bytes : image.pixels;
}
