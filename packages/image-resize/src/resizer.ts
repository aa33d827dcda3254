import type { AxisTaps } from './axis-taps.ts';
import type { ImageSize } from './geometry.ts';
import {
  BYTE_GROUP,
  bindKernels,
  type ResizeKernels,
  ROW_GROUP,
  TAP_BYTES,
} from './wasm-kernels.ts';
import { Memory, WASM_PAGE_BYTES } from './web-assembly.ts';

/** Memory that one huge image made grow is given back after it. */
const KEPT_BYTES = 64 * 2 ** 20;
const CHANNELS = 3;

export interface ResizeRequest {
  /** Writes the source's pixels, uint8 `[height, width, 3]`. */
  readonly fill: (pixels: Uint8Array) => void;
  /** What each output row and column is made of; the source is what they read. */
  readonly rows: AxisTaps;
  readonly columns: AxisTaps;
  /** Whether rows are mixed before each is resized; what lies between is rounded to bytes. Default: `false`. */
  readonly verticalFirst?: boolean;
}

/** Whether Pillow 13 begins with the vertical axis where it averages, found by trying sizes; older ones do where height is over 100 times the width. */
export function isVerticalFirst(from: ImageSize, to: ImageSize): boolean {
  const shrunk = from.height - to.height;
  return shrunk > 0 && shrunk > 2 * (from.width - to.width);
}

/** Resizes images of bytes in WebAssembly, bit for bit as Pillow does along each axis. */
export class Resizer {
  #memory = new Memory({ initial: 1 });
  #kernels: ResizeKernels = bindKernels(this.#memory);

  /** The resized pixels, `[rows, columns, 3]`: a view that the next call overwrites. */
  resize({ fill, rows, columns, verticalFirst = false }: ResizeRequest): Uint8Array {
    if (this.#memory.buffer.byteLength > KEPT_BYTES) {
      this.#memory = new Memory({ initial: 1 });
      this.#kernels = bindKernels(this.#memory);
    }
    const height = rows.range.length;
    const sourceBytes = columns.range.length * CHANNELS;
    const rowBytes = columns.count * CHANNELS;
    const middleStride = padded(verticalFirst ? sourceBytes : rowBytes);
    const targetStride = verticalFirst ? padded(rowBytes) : rowBytes;

    // One after the other: source, one axis done, both done, taps.
    const middle = imageBytes(height, sourceBytes);
    const target = middle + imageBytes(verticalFirst ? rows.count : height, middleStride);
    const columnTable = target + imageBytes(rows.count, targetStride);
    const rowTable = columnTable + tableBytes(columns);
    this.#reserve(rowTable + tableBytes(rows));

    fill(new Uint8Array(this.#memory.buffer, 0, height * sourceBytes));
    this.#writeTaps(columns, CHANNELS, columnTable);
    this.#writeTaps(rows, verticalFirst ? sourceBytes : middleStride, rowTable);
    const { resizeRows, mixRows } = this.#kernels;
    const rowGroups = (count: number) => Math.ceil(count / ROW_GROUP);
    const byteGroups = (bytes: number) => Math.ceil(bytes / BYTE_GROUP);
    if (verticalFirst) {
      mixRows(0, sourceBytes, middle, middleStride, rows.count, byteGroups(sourceBytes), rowTable);
      resizeRows(
        ...([middle, middleStride, target, targetStride] as const),
        ...([rowGroups(rows.count), columns.count, columnTable] as const),
      );
    } else {
      resizeRows(
        ...([0, sourceBytes, middle, middleStride] as const),
        ...([rowGroups(height), columns.count, columnTable] as const),
      );
      mixRows(middle, middleStride, target, rowBytes, rows.count, byteGroups(rowBytes), rowTable);
    }
    const pixels = new Uint8Array(this.#memory.buffer, target, rows.count * targetStride);
    for (let row = 1; verticalFirst && row < rows.count; row++) {
      pixels.copyWithin(row * rowBytes, row * targetStride, row * targetStride + rowBytes);
    }
    return pixels.subarray(0, rows.count * rowBytes);
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
  }

  /** Writes a table of taps, and the weights behind it. */
  #writeTaps({ count, starts, pairCounts, weights }: AxisTaps, step: number, at: number): void {
    const weightsAt = at + count * TAP_BYTES;
    const table = new Int32Array(this.#memory.buffer, at, (count * TAP_BYTES) / 4);
    const stride = weights.byteLength / count;
    for (let index = 0; index < count; index++) {
      table[3 * index] = starts[index]! * step;
      table[3 * index + 1] = pairCounts[index]!;
      table[3 * index + 2] = weightsAt + stride * index;
    }
    new Int16Array(this.#memory.buffer, weightsAt, weights.length).set(weights);
  }
}

function tableBytes({ count, weights }: AxisTaps): number {
  return align(count * TAP_BYTES + weights.byteLength);
}

/** Room for an image: the kernels treat whole groups of rows and bytes, and may read one row more than there is. */
function imageBytes(rows: number, stride: number): number {
  return align((Math.ceil(rows / ROW_GROUP) * ROW_GROUP + 1) * stride + BYTE_GROUP);
}

/** The stride of rows behind which a kernel may write. */
function padded(bytes: number): number {
  return align(bytes) + BYTE_GROUP;
}

function align(address: number): number {
  return Math.ceil(address / BYTE_GROUP) * BYTE_GROUP;
}
