import { exifOrientation } from './exif-orientation.ts';
import { type RawHeader, textAt, viewOf } from './raw-header.ts';

const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const FILL = 0xff;
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
    if (isStartOfFrame(marker)) return { ...frameHeader(view, at, marker), orientation };
    const length = view.getUint16(at);
    if (marker === APP1 && textAt(bytes, at + 2, 6) === 'Exif\0\0') {
      orientation = exifOrientation(bytes.subarray(at + 8, at + length));
    }
    at += Math.max(length, 2);
  }
}

/** Of C0 to CF these are progressive: C2, C6, CA and CE. */
const isProgressive = (frame: number) => (frame & 0x03) === 0x02;

/** What the segment of a frame says, which begins at `at`, behind its marker. */
function frameHeader(view: DataView, at: number, marker: number): Omit<RawHeader, 'orientation'> {
  const height = view.getUint16(at + 3);
  const width = view.getUint16(at + 5);
  const components = view.getUint8(at + 7);
  const scans = countScans(view, at + view.getUint16(at), isProgressive(marker) ? 0 : components);
  // An image of several scans is held as coefficients of 16 bits, in the resolution of each component.
  const workBytes = scans > 1 ? 2 * width * height * samplesAPixel(view, at + 8, components) : 0;
  return { format: 'jpeg', width, height, workBytes, scans };
}

function samplesAPixel(view: DataView, at: number, components: number): number {
  const factors = Array.from({ length: components }, (_, i) => view.getUint8(at + 3 * i + 1));
  const horizontal = Math.max(...factors.map((factor) => factor >> 4));
  const vertical = Math.max(...factors.map((factor) => factor & 15));
  const samples = factors.reduce((sum, factor) => sum + (factor >> 4) * (factor & 15), 0);
  return samples / Math.max(horizontal * vertical, 1);
}

/**
 * The scans behind `at`: a decoder goes over the whole image for each. Only one counts if it has `wholeScan` components, which is
 * all of them where the frame is not progressive: nothing behind it is read.
 */
function countScans(view: DataView, at: number, wholeScan: number): number {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let scans = 0;
  for (;;) {
    at = bytes.indexOf(FILL, at);
    const marker = at < 0 ? END_OF_IMAGE : (bytes[at + 1] ?? END_OF_IMAGE);
    if (marker === END_OF_IMAGE) return scans;
    at += marker === FILL ? 1 : 2;
    if (marker === START_OF_SCAN) {
      scans += 1;
      if (bytes[at + 2] === wholeScan) return scans;
    }
    const hasSegment = marker >= 0xc0 && marker !== FILL && (marker < 0xd0 || marker > 0xd8);
    if (hasSegment && at + 2 <= bytes.length) at += view.getUint16(at);
  }
}
