import type { LibraryFiles } from '@bag-of-tricks/libtensorflow/native';
import type { ReaderOptions, ReadTask } from '../pixels/image-reader.ts';
import type { ImageSize } from '../placement.ts';

/** What a thread is started with. */
export interface ThreadData {
  /** Null where sharp decodes everything. */
  readonly library: LibraryFiles | null;
}

/** An image to decode, and which of the output's images it is. */
export interface PlacedTask extends ReadTask {
  readonly position: number;
}

/** To a thread, which sends one report for each: begin to work for a decoder, decode these images, or end that work. */
export type Request =
  | { readonly kind: 'open'; readonly reader: ReaderOptions }
  | Assignment
  | { readonly kind: 'close' };

export interface Assignment {
  readonly kind: 'decode';
  readonly tasks: readonly PlacedTask[];
  /** All images of the batch, `[n, height, width, channels]`. */
  readonly output: SharedArrayBuffer;
  /** Height and width of each. */
  readonly size: ImageSize;
}

export interface Failure {
  readonly position: number;
  /** Why the image cannot be used. */
  readonly reason: string;
}

/** From a thread: it has done what was asked, or could not for another reason than the images. */
export type Report =
  | { readonly kind: 'done'; readonly failures: readonly Failure[] }
  | { readonly kind: 'error'; readonly error: unknown };
