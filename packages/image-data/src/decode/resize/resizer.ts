import type { AxisTaps } from './axis-taps.ts';
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
}

/** Resizes images of bytes in WebAssembly, bit for bit as Pillow does: rows first, then columns. */
export class Resizer {
  #memory = new Memory({ initial: 1 });
  #kernels: ResizeKernels = bindKernels(this.#memory);

  /** The resized pixels, `[rows, columns, 3]`: a view that the next call overwrites. */
  resize({ fill, rows, columns }: ResizeRequest): Uint8Array {
    if (this.#memory.buffer.byteLength > KEPT_BYTES) {
      this.#memory = new Memory({ initial: 1 });
      this.#kernels = bindKernels(this.#memory);
    }
    const height = rows.range.length;
    const sourceStride = columns.range.length * CHANNELS;
    const rowBytes = columns.count * CHANNELS;
    const byteGroups = Math.ceil(rowBytes / BYTE_GROUP);
    const rowGroups = Math.ceil(height / ROW_GROUP);
    const middleStride = byteGroups * BYTE_GROUP + BYTE_GROUP;

    // One after the other: source, rows done, both done, taps. The kernels treat whole groups of rows and bytes.
    const middle = align(rowGroups * ROW_GROUP * sourceStride + BYTE_GROUP);
    const target = middle + rowGroups * ROW_GROUP * middleStride;
    const tables = align(target + rows.count * rowBytes + BYTE_GROUP);
    // A pair may read one row more than there is.
    this.#reserve(tables + tableBytes(columns) + tableBytes(rows) + middleStride);

    const pixels = new Uint8Array(this.#memory.buffer, 0, height * sourceStride);
    fill(pixels);
    const rowTable = this.#writeTaps(columns, CHANNELS, tables);
    this.#writeTaps(rows, middleStride, rowTable);
    this.#kernels.resizeRows(
      0,
      sourceStride,
      middle,
      middleStride,
      rowGroups,
      columns.count,
      tables,
    );
    this.#kernels.mixRows(middle, middleStride, target, rowBytes, rows.count, byteGroups, rowTable);
    return new Uint8Array(this.#memory.buffer, target, rows.count * rowBytes);
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
  }

  /** Writes a table of taps and the weights, and returns the address behind them. */
  #writeTaps({ count, starts, pairCounts, weights }: AxisTaps, step: number, at: number): number {
    const weightsAt = at + count * TAP_BYTES;
    const table = new Int32Array(this.#memory.buffer, at, (count * TAP_BYTES) / 4);
    const stride = weights.byteLength / count;
    for (let index = 0; index < count; index++) {
      table[3 * index] = starts[index]! * step;
      table[3 * index + 1] = pairCounts[index]!;
      table[3 * index + 2] = weightsAt + stride * index;
    }
    new Int16Array(this.#memory.buffer, weightsAt, weights.length).set(weights);
    return weightsAt + weights.byteLength;
  }
}

function tableBytes({ count, weights }: AxisTaps): number {
  return count * TAP_BYTES + weights.byteLength;
}

function align(address: number): number {
  return Math.ceil(address / BYTE_GROUP) * BYTE_GROUP;
}
