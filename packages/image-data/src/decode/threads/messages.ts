import type { LibraryFiles } from '@bag-of-tricks/libtensorflow/native';
import type { ReaderOptions, ReadTask } from '../pixels/image-reader.ts';
import type { ImageSize } from '../placement.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly library: LibraryFiles;
  readonly reader: ReaderOptions;
}

/** An image to decode, and which of the output's images it is. */
export interface PlacedTask extends ReadTask {
  readonly position: number;
}

/** To a thread: decode these images. `null` in its place asks it to end. */
export interface Assignment {
  readonly id: number;
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

/** From a thread: it is ready, has done an assignment, or could not for another reason than the images. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly failures: readonly Failure[] }
  | { readonly kind: 'error'; readonly id: number; readonly error: unknown };
