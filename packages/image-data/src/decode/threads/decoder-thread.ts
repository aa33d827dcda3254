import { type Transferable, Worker } from 'node:worker_threads';
import type { ReaderOptions } from '../pixels/image-reader.ts';
import type { Assignment, Failure, Report, Request, ThreadData } from './messages.ts';

interface Answer {
  readonly resolve: (failures: readonly Failure[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Threads without a decoder. */
const idle: DecoderThread[] = [];

/**
 * A thread that decodes, for one decoder after the other. It is not ended with its decoder: koffi never frees what it allocates in a
 * thread (a stack and a heap, 3 MiB in three mappings), so a new thread for each decoder would leak that much each time.
 */
export class DecoderThread {
  /** Called when the thread ends, which it never does by itself. */
  onEnd: ((reason: Error) => void) | undefined;
  readonly #corePath: string | undefined;
  readonly #worker: Worker;
  /** Reports that are due, in the order of the requests. */
  readonly #due: Answer[] = [];
  #end: Error | undefined;

  private constructor(workerData: ThreadData) {
    this.#corePath = workerData.library?.corePath;
    // What the process was started with, such as --input-type, need not suit a script.
    const options = { workerData, execArgv: [] };
    this.#worker = new Worker(new URL('./decode-thread.js', import.meta.url), options);
    this.#worker.on('message', (report: Report) => this.#receive(report));
    this.#worker.on('messageerror', (error) => this.#fail(error));
    this.#worker.on('error', (error) => this.#fail(error as Error));
    this.#worker.on('exit', () =>
      this.#fail(
        new Error(
          'ImageDecoder.decode: expected a live thread, but one has ended. Dispose of the decoder and make a new one.',
        ),
      ),
    );
  }

  /** A thread that has loaded this library and waits, or else a new one. */
  static take(library: ThreadData['library']): DecoderThread {
    const at = idle.findIndex((thread) => thread.#corePath === library?.corePath);
    return idle.splice(at, at < 0 ? 0 : 1)[0] ?? new DecoderThread({ library });
  }

  /** Requests whose reports are due. */
  get load(): number {
    return this.#due.length;
  }

  /** Begins to work for a decoder; rejects with the reason if TensorFlow cannot be loaded. */
  async open(reader: ReaderOptions): Promise<void> {
    await this.#ask({ kind: 'open', reader });
  }

  /** Decodes images and resolves to those that failed; `buffers` are moved to the thread. */
  decode(
    assignment: Omit<Assignment, 'kind'>,
    buffers: readonly Transferable[],
  ): Promise<readonly Failure[]> {
    return this.#ask({ kind: 'decode', ...assignment }, buffers);
  }

  /** Finishes what it was asked for, and waits for the next decoder. */
  async release(): Promise<void> {
    this.onEnd = undefined;
    try {
      await this.#ask({ kind: 'close' });
      idle.push(this);
    } catch {
      await this.#worker.terminate();
    }
  }

  /**
   * The thread keeps the process alive while a report is due and at no other time. Were it left to its users to say when, a late report
   * could let the process end, with code 13 and without a word, under another one that is awaited.
   */
  #ask(request: Request, buffers: readonly Transferable[] = []): Promise<readonly Failure[]> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request, buffers);
      this.#due.push({ resolve, reject });
      this.#worker.ref();
    });
  }

  #receive(report: Report): void {
    const { resolve, reject } = this.#due.shift()!;
    if (this.#due.length === 0) this.#worker.unref();
    if (report.kind === 'done') resolve(report.failures);
    else reject(report.error);
  }

  #fail(reason: Error): void {
    this.#end ??= reason;
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
    for (const { reject } of this.#due.splice(0)) reject(this.#end);
    this.onEnd?.(this.#end);
  }
}
