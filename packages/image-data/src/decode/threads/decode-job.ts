import { BadImageError } from '../../bad-image-error.ts';
import type { DecodedImages } from '../image-decoder.ts';
import type { Failure, PlacedTask } from './messages.ts';

/** A part of a job, which one thread decodes. */
export interface Chunk {
  readonly job: DecodeJob;
  readonly tasks: readonly PlacedTask[];
}

/** A batch that threads decode in parts, and the promise of it. */
export class DecodeJob {
  readonly output: SharedArrayBuffer;
  readonly promise: Promise<DecodedImages>;
  readonly #tasks: readonly PlacedTask[];
  readonly #failures: { position: number; error: BadImageError }[] = [];
  #missing: number;
  #resolve!: (images: DecodedImages) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  constructor(tasks: readonly PlacedTask[], outputBytes: number) {
    this.#tasks = tasks;
    this.#missing = tasks.length;
    this.output = new SharedArrayBuffer(outputBytes);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (tasks.length === 0) this.#finish();
  }

  get settled(): boolean {
    return this.#settled;
  }

  chunks(size: number): Chunk[] {
    return Array.from({ length: Math.ceil(this.#tasks.length / size) }, (_, index) => ({
      job: this,
      tasks: this.#tasks.slice(index * size, (index + 1) * size),
    }));
  }

  /** Notes that a part is done; the last one resolves the promise. */
  complete({ tasks }: Chunk, failures: readonly Failure[]): void {
    for (const { position, reason } of failures) {
      const task = tasks.find((candidate) => candidate.position === position)!;
      this.#failures.push({ position, error: new BadImageError(task.name, reason) });
    }
    this.#missing -= tasks.length;
    if (this.#missing === 0 && !this.#settled) this.#finish();
  }

  fail(reason: unknown): void {
    this.#settled = true;
    this.#reject(reason);
  }

  #finish(): void {
    this.#settled = true;
    this.#resolve({ images: new Uint8Array(this.output), failures: this.#failures });
  }
}
