import { viewOf } from '../header/raw-header.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const MAX_CODES = 4096;

/**
 * Follows the codes of a GIF's first frame until it is full. Where they end before, sharp shows the rest as background and Pillow calls the
 * file truncated: damaged codes are seldom impossible ones, and this is how most of them show.
 *
 * @throws Error - if the codes end too early, or one comes before it has a meaning.
 */
export function checkGif(bytes: Uint8Array): void {
  const frame = firstFrame(bytes);
  if (frame === undefined) throw new Error('it has no frame');
  const pixels = countPixels(frame);
  if (pixels >= frame.pixels) return;
  throw new Error(`its codes end after ${pixels} of ${frame.pixels} pixels`);
}

interface Frame {
  readonly pixels: number;
  readonly minimumBits: number;
  /** The blocks behind one another. */
  readonly codes: Uint8Array;
}

function firstFrame(bytes: Uint8Array): Frame | undefined {
  const view = viewOf(bytes);
  let at = 13 + tableBytes(bytes[10]!);
  while (at < bytes.length) {
    const kind = bytes[at++];
    if (kind === TRAILER) return undefined;
    if (kind === EXTENSION) at = readBlocks(bytes, at + 1).end;
    if (kind !== IMAGE) continue;
    if (at + 9 > bytes.length) return undefined;
    const pixels = view.getUint16(at + 4, true) * view.getUint16(at + 6, true);
    at += 9 + tableBytes(bytes[at + 8]!);
    const minimumBits = bytes[at] ?? 0;
    return { pixels, minimumBits, codes: Buffer.concat(readBlocks(bytes, at + 1).blocks) };
  }
  return undefined;
}

/** Bytes of the colour table that flags announce. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Blocks of up to 255 bytes, each behind its length, to the one of none. */
function readBlocks(bytes: Uint8Array, at: number) {
  const blocks: Uint8Array[] = [];
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    blocks.push(bytes.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { blocks, end: at + 1 };
}

/** The pixels that the codes stand for, or enough: LZW, of which only the lengths of the strings are followed. */
function countPixels({ codes, minimumBits, pixels }: Frame): number {
  if (minimumBits > 11) throw new Error(`it has codes of ${minimumBits} bits`);
  const clear = 1 << minimumBits;
  const lengths = new Uint16Array(MAX_CODES).fill(1);
  let next = clear + 2;
  let width = minimumBits + 1;
  /** Length of the string before; 0 behind a clear code. */
  let last = 0;
  let count = 0;
  let at = 0;
  let held = 0;
  let bits = 0;
  while (count < pixels) {
    for (; bits < width && at < codes.length; bits += 8) held |= codes[at++]! << bits;
    const code = held & ((1 << width) - 1);
    if (bits < width || code === clear + 1) break;
    held >>>= width;
    bits -= width;
    if (code === clear) {
      next = clear + 2;
      width = minimumBits + 1;
      last = 0;
      continue;
    }
    if (code > (last === 0 ? clear : next))
      throw new Error('it has a code that stands for nothing');
    if (last > 0 && next < MAX_CODES) {
      lengths[next++] = last + 1;
      if (next === 1 << width && width < 12) width += 1;
    }
    last = lengths[code]!;
    count += last;
  }
  return count;
}
