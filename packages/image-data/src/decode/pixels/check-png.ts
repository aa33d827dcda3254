import { crc32 } from 'node:zlib';
import { textAt, viewOf } from '../header/raw-header.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum. */
const AROUND_BYTES = 12;

/**
 * Compares each chunk of a PNG with its checksum. A decoder that is asked for a part of the image stops before the
 * checksum of the pixels, and would show damaged ones.
 *
 * @throws Error - if a chunk is damaged or the file is cut short.
 */
export function checkPng(bytes: Uint8Array): void {
  const view = viewOf(bytes);
  let at = SIGNATURE_BYTES;
  let type = '';
  while (type !== 'IEND') {
    const length =
      at + AROUND_BYTES <= bytes.length ? view.getUint32(at) : Number.POSITIVE_INFINITY;
    const end = at + AROUND_BYTES + length;
    if (end > bytes.length) throw new Error('it is cut short');
    type = textAt(bytes, at + 4, 4);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw new Error(`the checksum of its ${type} chunk is wrong`);
    }
    at = end;
  }
}
