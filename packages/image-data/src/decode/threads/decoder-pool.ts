import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { DecodedImages } from '../image-decoder.ts';
import { type Chunk, DecodeJob, type JobOutput } from './decode-job.ts';
import type { Assignment, PlacedTask, Report, ThreadData } from './messages.ts';

/** So that a thread need not wait for its next images while the main thread is busy. */
const ASSIGNMENTS_A_THREAD = 2;
/** Small parts even out the work, large ones cost fewer messages. */
const PARTS_A_THREAD = 4;
const MAX_PART = 16;

interface Thread {
  readonly worker: Worker;
  readonly assigned: Map<number, Chunk>;
  ended: boolean;
}

/** What happens to images that a decoder gets after it was disposed, or has when it is. */
export function disposedError(): Error {
  return new Error(
    'ImageDecoder.decode: expected a live decoder, but it was disposed. Make a new one with createImageDecoder.',
  );
}

/** Threads that decode, and the queue of what they are to do. */
export class DecoderPool {
  readonly #threads: readonly Thread[];
  readonly #queue: Chunk[] = [];
  #nextId = 0;
  #end: Error | undefined;
  #disposal: Promise<void> | undefined;

  private constructor(workers: readonly Worker[]) {
    this.#threads = workers.map((worker) => ({
      worker,
      assigned: new Map<number, Chunk>(),
      ended: false,
    }));
    for (const thread of this.#threads) {
      thread.worker.on('message', (report: Report) => this.#receive(thread, report));
      thread.worker.on('messageerror', (error) => this.#stop(error));
      thread.worker.on('error', (error) => this.#stop(error as Error));
      thread.worker.on('exit', () => {
        thread.ended = true;
        this.#stop(
          new Error(
            'ImageDecoder.decode: expected a live thread, but one has ended. Dispose of the decoder and make a new one.',
          ),
        );
      });
      thread.worker.unref();
    }
  }

  /** Starts the threads; rejects with the reason if they cannot load TensorFlow. */
  static async start(threads: number, workerData: ThreadData): Promise<DecoderPool> {
    const script = new URL('./decode-thread.js', import.meta.url);
    // What the process was started with, such as --input-type, need not suit a script.
    const options = { workerData, execArgv: [] };
    const workers = Array.from({ length: threads }, () => new Worker(script, options));
    try {
      await Promise.all(workers.map((worker) => once(worker, 'message')));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
    return new DecoderPool(workers);
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

  /** Ends all threads, also those that are left after one has failed. */
  dispose(): Promise<void> {
    this.#stop(disposedError());
    this.#disposal ??= Promise.all(this.#threads.map(endThread)).then(() => {});
    return this.#disposal;
  }

  /** Gives work to the threads that have least. */
  #assign(): void {
    for (let load = 0; load < ASSIGNMENTS_A_THREAD; load++) {
      for (const thread of this.#threads) {
        if (thread.assigned.size !== load) continue;
        const chunk = this.#next();
        if (chunk === undefined) return;
        this.#send(thread, chunk);
      }
    }
  }

  #next(): Chunk | undefined {
    let chunk = this.#queue.shift();
    while (chunk?.job.settled) chunk = this.#queue.shift();
    return chunk;
  }

  #send({ worker, assigned }: Thread, chunk: Chunk): void {
    const id = this.#nextId++;
    // The thread takes the bytes over. An image may be a view of a whole shard, and stays the caller's unless it is movable.
    const tasks = chunk.tasks.map((task) => ({ ...task, image: owned(task.image) }));
    const buffers = tasks.map(({ image }) => bytesOf(image).buffer).filter(isOwn);
    const assignment: Assignment = { id, tasks, ...chunk.job.target };
    assigned.set(id, chunk);
    worker.ref();
    worker.postMessage(assignment, buffers);
  }

  #receive(thread: Thread, report: Report): void {
    if (report.kind === 'ready') return;
    const chunk = thread.assigned.get(report.id);
    thread.assigned.delete(report.id);
    if (report.kind === 'error') chunk?.job.fail(report.error);
    else chunk?.job.complete(chunk, report.failures);
    this.#assign();
    // An idle decoder does not keep the process alive.
    if (thread.assigned.size === 0) thread.worker.unref();
  }

  #stop(reason: Error): void {
    this.#end ??= reason;
    const chunks = [
      ...this.#queue,
      ...this.#threads.flatMap(({ assigned }) => [...assigned.values()]),
    ];
    this.#queue.length = 0;
    for (const { job } of chunks) if (!job.settled) job.fail(reason);
  }
}

async function endThread({ worker, ended }: Thread): Promise<void> {
  if (ended) return;
  worker.ref();
  worker.postMessage(null);
  // Not events.once, which would reject for a thread that fails on its way out.
  await new Promise((resolve) => worker.once('exit', resolve));
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
