import { BadImageError } from '../../bad-image-error.ts';
import type { DecodedImages } from '../image-decoder.ts';
import type { ImageSize } from '../placement.ts';
import type { Failure, PlacedTask } from './messages.ts';

/** A part of a job, which one thread decodes. */
export interface Chunk {
  readonly job: DecodeJob;
  readonly tasks: readonly PlacedTask[];
}

/** Where the images of a batch go, `[n, height, width, channels]`. */
export interface JobOutput {
  readonly output: SharedArrayBuffer;
  /** Height and width of each image. */
  readonly size: ImageSize;
}

type Failures = DecodedImages['failures'];

/** A batch that threads decode in parts, and the promise of the images that failed. */
export class DecodeJob {
  readonly target: JobOutput;
  readonly promise: Promise<Failures>;
  readonly #tasks: readonly PlacedTask[];
  readonly #failures: { position: number; error: BadImageError }[] = [];
  #missing: number;
  #resolve!: (failures: Failures) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  constructor(tasks: readonly PlacedTask[], target: JobOutput) {
    this.#tasks = tasks;
    this.#missing = tasks.length;
    this.target = target;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
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
    if (this.#missing > 0 || this.#settled) return;
    this.#settled = true;
    this.#resolve(this.#failures);
  }

  fail(reason: unknown): void {
    this.#settled = true;
    this.#reject(reason);
  }
}
