import { exifOrientation } from './exif-orientation.ts';
import { type RawHeader, textAt, viewOf } from './raw-header.ts';

const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
/** C0 to CF start a frame, but for the tables DHT, JPG and DAC. */
const isStartOfFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Walks the segments up to the frame header, as `jpeg_read_header` does. */
export function jpegHeader(bytes: Uint8Array): RawHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = viewOf(bytes);
  let orientation = 1;
  let at = 2;
  for (;;) {
    // Bytes between segments are skipped, as libjpeg does.
    while (view.getUint8(at) !== 0xff) at++;
    while (view.getUint8(at) === 0xff) at++;
    const marker = view.getUint8(at++);
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) {
      throw new RangeError('no frame header');
    }
    // 00 is a stuffed byte; 01 and D0 to D8 are markers without a segment.
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    if (isStartOfFrame(marker)) {
      const height = view.getUint16(at + 3);
      return { format: 'jpeg', width: view.getUint16(at + 5), height, orientation };
    }
    const length = view.getUint16(at);
    if (marker === APP1 && textAt(bytes, at + 2, 6) === 'Exif\0\0') {
      orientation = exifOrientation(bytes.subarray(at + 8, at + length));
    }
    at += Math.max(length, 2);
  }
}
