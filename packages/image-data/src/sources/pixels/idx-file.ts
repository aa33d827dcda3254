import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** An array of bytes in the IDX format of MNIST. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Uint8Array;
}

const unpack = promisify(gunzip);
/** Third byte of the magic number: the values are unsigned bytes. */
const UNSIGNED_BYTE = 0x08;
/** No set in this format is near it; a small archive that unpacks to more is an attack. */
const MAX_BYTES = 2 ** 30;

/**
 * Reads a file of unsigned bytes in the IDX format, gzipped or not: two zero bytes, the type, the rank, each dimension
 * as a big-endian 32-bit integer, then the values.
 *
 * @throws Error when the file is no such file, has another rank, or another length than its dimensions say.
 */
export async function readIdxFile(path: string, rank: number): Promise<IdxArray> {
  const stored = await readFile(path);
  const isGzip = stored[0] === 0x1f && stored[1] === 0x8b;
  const bytes = isGzip ? await unpackFile(path, stored) : stored;
  const headerBytes = 4 + 4 * rank;
  const isIdx = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === UNSIGNED_BYTE;
  if (!isIdx || bytes[3] !== rank || bytes.length < headerBytes) {
    throw new Error(
      `mnistImages: expected an IDX file of unsigned bytes with ${rank} dimension${rank === 1 ? '' : 's'} (first bytes 00 00 08 0${rank}) in ${path}, found ${bytes.subarray(0, 4).toString('hex') || 'nothing'}. The file is damaged or another: fetch it again.`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const values = bytes.subarray(headerBytes);
  const expected = shape.reduce((product, length) => product * length, 1);
  if (values.length !== expected) {
    throw new Error(
      `mnistImages: expected ${expected} bytes of values for [${shape}] in ${path}, found ${values.length}. The file is cut off: fetch it again.`,
    );
  }
  return { shape, values };
}

async function unpackFile(path: string, stored: Buffer): Promise<Buffer> {
  try {
    return await unpack(stored, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    throw new Error(
      `mnistImages: expected a whole gzip file in ${path}, got: ${(cause as Error).message}. Fetch it again.`,
      { cause },
    );
  }
}
