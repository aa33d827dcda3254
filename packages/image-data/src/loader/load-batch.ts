import { BadImageError } from '../bad-image-error.ts';
import type { DecodeRequest, ImageDecoder } from '../decode/image-decoder.ts';
import type { ImageSize, PlaceImage } from '../decode/placement.ts';
import type { ImageSource, StoredImage } from '../source.ts';
import type { SkipList } from './bad-images.ts';
import type { LoadedBatch } from './batch.ts';
import { readImage } from './read-image.ts';
import { createTurns } from './turns.ts';

/** One image for one row, with the random numbers of its placement. */
export interface Draw {
  readonly index: number;
  readonly random: () => number;
}

/** The image of row `row` of step `step`; attempt n when n images before it were bad. Null leaves the row without an image. */
export type DrawRow = (step: number, row: number, attempt: number) => Draw | null;

/** What `createBatchLoader` works with. */
export interface BatchLoaderParts {
  readonly source: ImageSource;
  readonly decoder: ImageDecoder;
  readonly place: PlaceImage;
  /** Of the output images. */
  readonly size: ImageSize;
  readonly draw: DrawRow;
  readonly rows: number;
  readonly skips: SkipList;
  readonly readConcurrency: number;
  readonly readTimeoutMs: number;
  /** Bytes read after which a batch is decoded in parts, so that large files do not pile up. */
  readonly chunkBytes: number;
}

/** A row whose image has been read. */
interface ReadRow {
  readonly row: number;
  readonly attempt: number;
  readonly index: number;
  readonly request: DecodeRequest;
  readonly bytes: number;
}

/** A row that still needs an image. */
interface OpenRow {
  readonly row: number;
  readonly attempt: number;
}

/**
 * Returns the function that loads the batch of a step: read, place, decode; rows whose image turns out bad are drawn again.
 * Batches may be loaded at the same time: one of them reads while another one decodes, in the order in which they were asked for.
 */
export function createBatchLoader(
  parts: BatchLoaderParts,
): (step: number, signal: AbortSignal) => Promise<LoadedBatch> {
  const { source, decoder, rows, skips, size: imageSize } = parts;
  const imageShape = [imageSize.height, imageSize.width, decoder.channels] as const;
  const pixels = imageShape[0] * imageShape[1] * imageShape[2];
  const takeReadTurn = createTurns(1);
  // Two, so that the threads have work while the last images of a batch are decoded.
  const takeDecodeTurn = createTurns(2);

  return async (step, signal) => {
    const labels = new Int32Array(rows).fill(-1);
    const indices = new Int32Array(rows).fill(-1);
    let images: Uint8Array | null = null;
    let size = 0;
    let open: readonly OpenRow[] = Array.from({ length: rows }, (_, row) => ({ row, attempt: 0 }));
    while (open.length > 0) {
      const from = open;
      const { read, left } = await takeReadTurn(() => readRows(parts, step, from, signal));
      open = left;
      if (read.length === 0) continue;
      const requests = read.map(({ request }) => request);
      const decoded = await takeDecodeTurn(() => {
        signal.throwIfAborted();
        return decoder.decode(requests, { size: imageSize, signal });
      });
      const failures = new Map(decoded.failures.map(({ position, error }) => [position, error]));
      const whole = read.length === rows && failures.size === 0;
      images = whole ? decoded.images : (images ?? new Uint8Array(rows * pixels));
      for (const [position, { row, attempt, index }] of read.entries()) {
        const error = failures.get(position);
        if (error) {
          skips.add(index, error);
          open = [...open, { row, attempt: attempt + 1 }];
          continue;
        }
        if (!whole) {
          const image = decoded.images.subarray(position * pixels, (position + 1) * pixels);
          images.set(image, row * pixels);
        }
        labels[row] = source.label(index);
        indices[row] = index;
        size += 1;
      }
    }
    images ??= new Uint8Array(rows * pixels);
    return { images, imageShape, labels, indices, size };
  };
}

/** Reads rows, several at once, until all are read or `chunkBytes` are reached; returns them in the order of the rows. */
async function readRows(
  parts: BatchLoaderParts,
  step: number,
  rows: readonly OpenRow[],
  signal: AbortSignal,
): Promise<{ readonly read: readonly ReadRow[]; readonly left: readonly OpenRow[] }> {
  const read: ReadRow[] = [];
  let next = 0;
  let bytes = 0;
  const readSome = async (): Promise<void> => {
    while (next < rows.length && bytes < parts.chunkBytes) {
      const one = await readRow(parts, step, rows[next++]!, signal);
      if (!one) continue;
      read.push(one);
      bytes += one.bytes;
    }
  };
  await Promise.all(Array.from({ length: Math.min(rows.length, parts.readConcurrency) }, readSome));
  return { read: read.sort((a, b) => a.row - b.row), left: rows.slice(next) };
}

/** Reads a row's image and places it, drawing again until one can be read; null when the row stays empty. */
async function readRow(
  { source, decoder, place, draw, skips, readTimeoutMs: timeoutMs }: BatchLoaderParts,
  step: number,
  { row, attempt: firstAttempt }: OpenRow,
  signal: AbortSignal,
): Promise<ReadRow | null> {
  for (let attempt = firstAttempt; ; attempt++) {
    const drawn = draw(step, row, attempt);
    if (!drawn) return null;
    const { index, random } = drawn;
    if (skips.has(index)) continue;
    try {
      const kept = source.inMemory?.(index);
      const image = kept ?? (await readImage(source, index, { timeoutMs, signal }));
      const name = source.describe(index);
      const header = decoder.header(image, name);
      const placement = place(header, random);
      const request = { image, name, header, placement };
      return { row, attempt, index, request, bytes: kept ? 0 : bytesOf(image) };
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      skips.add(index, error);
    }
  }
}

function bytesOf(image: StoredImage): number {
  return (image.kind === 'encoded' ? image.bytes : image.pixels).length;
}
