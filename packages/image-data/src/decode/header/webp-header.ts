import { exifOrientation } from './exif-orientation.ts';
import { type RawHeader, textAt, viewOf } from './raw-header.ts';

/** Reads the first chunk of the RIFF: lossy, lossless or extended. */
export function webpHeader(bytes: Uint8Array): RawHeader | undefined {
  if (textAt(bytes, 0, 4) !== 'RIFF' || textAt(bytes, 8, 4) !== 'WEBP') return undefined;
  const view = viewOf(bytes);
  const size = sizeOf(textAt(bytes, 12, 4), view);
  // It is decoded whole, in red, green, blue and alpha.
  const workBytes = 4 * size.width * size.height;
  return { format: 'webp', ...size, orientation: orientationOf(bytes, view), workBytes, scans: 1 };
}

function sizeOf(chunk: string, view: DataView): { width: number; height: number } {
  if (chunk === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk === 'VP8X') {
    // Two numbers of 24 bits, each one less than the size.
    return {
      width: (view.getUint32(24, true) & 0xffffff) + 1,
      height: (view.getUint32(26, true) >>> 8) + 1,
    };
  }
  throw new RangeError('no picture');
}

function orientationOf(bytes: Uint8Array, view: DataView): number {
  let at = 12;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at + 4, true);
    if (textAt(bytes, at, 4) === 'EXIF') {
      return exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    }
    at += 8 + length + (length % 2);
  }
  return 1;
}
