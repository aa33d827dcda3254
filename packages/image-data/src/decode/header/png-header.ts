import { exifOrientation } from './exif-orientation.ts';
import { type RawHeader, textAt, viewOf } from './raw-header.ts';

const signature = '\x89PNG\r\n\x1a\n';

/** Reads IHDR, which comes first, and looks for eXIf in front of the pixels. */
export function pngHeader(bytes: Uint8Array): RawHeader | undefined {
  if (textAt(bytes, 0, 8) !== signature) return undefined;
  const view = viewOf(bytes);
  if (textAt(bytes, 12, 4) !== 'IHDR') throw new RangeError('no IHDR');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const [depth, colorType, , , interlaced] = bytes.subarray(24, 29);
  // An interlaced image is put together in memory; of others the rows pass through.
  const pixelBytes = (channelsOf[colorType!] ?? 4) * (depth === 16 ? 2 : 1);
  const workBytes = interlaced === 0 ? 0 : pixelBytes * width * height;
  return {
    ...{ format: 'png', width, height, orientation: orientationOf(bytes, view) },
    ...{ workBytes, scans: 1 },
  };
}

/** By PNG's colour type; a palette is looked up. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 4, 4: 2, 6: 4 };

function orientationOf(bytes: Uint8Array, view: DataView): number {
  let at = signature.length;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    const type = textAt(bytes, at + 4, 4);
    if (type === 'eXIf') return exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    if (type === 'IDAT') return 1;
    at += length + 12;
  }
  return 1;
}
