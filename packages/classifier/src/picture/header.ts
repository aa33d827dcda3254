import { BadImageError } from '../bad-image-error.ts';

/** What the first bytes of an encoded picture say. */
export interface PictureHeader {
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif';
  /** As stored, before any turning. */
  readonly width: number;
  readonly height: number;
  /** EXIF's orientation, 1 to 8; 1 where there is none. */
  readonly orientation: number;
  /** The byte that holds it. */
  readonly orientationAt?: number;
}

type Size = Pick<PictureHeader, 'width' | 'height'>;
type Orientation = Pick<PictureHeader, 'orientation' | 'orientationAt'>;

const upright: Orientation = { orientation: 1 };

/**
 * Format and size of a JPEG, PNG, WebP or GIF, whatever its name says.
 *
 * @throws BadImageError - if the bytes are none, or are cut short, which browsers do not mind.
 */
export function readHeader(bytes: Uint8Array, name: string): PictureHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number) =>
    String.fromCharCode(...bytes.subarray(at, at + length));
  try {
    if (text(0, 3) === '\xff\xd8\xff') return { format: 'jpeg', ...jpeg(view, text) };
    if (text(0, 8) === '\x89PNG\r\n\x1a\n') return { format: 'png', ...png(view, text) };
    if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') {
      return { format: 'webp', ...webp(view, text) };
    }
    if (/^GIF8[79]a/.test(text(0, 6))) return { format: 'gif', ...gif(view), ...upright };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BadImageError(
      `classify: expected a whole picture, got ${bytes.length} bytes for ${name}, which is cut short. Load it again`,
      'damaged',
      { cause },
    );
  }
  const got = bytes.length === 0 ? 'no bytes' : `${bytes.length} bytes that begin ${hex(bytes)}`;
  throw new BadImageError(
    `classify: expected ${name} to be a JPEG, PNG, WebP or GIF, got ${got}. Convert it`,
    'not-a-picture',
  );
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');

type TextAt = (at: number, length: number) => string;

/** Walks the segments up to the frame header, as `jpeg_read_header` does. */
function jpeg(view: DataView, text: TextAt): Size & Orientation {
  let orientation = upright;
  for (let at = 2; ; ) {
    // Bytes between segments are skipped, as libjpeg does.
    while (view.getUint8(at) !== 0xff) at++;
    while (view.getUint8(at) === 0xff) at++;
    const marker = view.getUint8(at++);
    if (marker === 0xd9 || marker === 0xda) throw new RangeError('no frame header');
    // 00 is a stuffed byte; 01 and D0 to D8 are markers without a segment.
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    // C0 to CF start a frame, but for the tables DHT, JPG and DAC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      // No scan holds an FF that anything but 00 or a restart marker follows.
      for (let end = at; view.getUint8(end) !== 0xff || view.getUint8(end + 1) !== 0xd9; ) end++;
      return { height: view.getUint16(at + 3), width: view.getUint16(at + 5), ...orientation };
    }
    if (marker === 0xe1 && text(at + 2, 6) === 'Exif\0\0') orientation = exif(view, at + 8);
    at += Math.max(view.getUint16(at), 2);
  }
}

/** IHDR comes first; eXIf counts in front of the pixels. */
function png(view: DataView, text: TextAt): Size & Orientation {
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  let orientation: Orientation | undefined;
  for (let at = 8, type = ''; type !== 'IEND'; ) {
    type = text(at + 4, 4);
    if (type === 'eXIf') orientation ??= exif(view, at + 8);
    if (type === 'IDAT') orientation ??= upright;
    at += view.getUint32(at) + 12;
    if (at > view.byteLength) throw new RangeError('no end');
  }
  return { ...size, ...(orientation ?? upright) };
}

/** Of the first picture. */
function gif(view: DataView): Size {
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + tableBytes(view.getUint8(10));
  for (;;) {
    const isPicture = view.getUint8(at) === 0x2c;
    at += isPicture ? 11 + tableBytes(view.getUint8(at + 9)) : 2;
    for (; view.getUint8(at) !== 0; at++) at += view.getUint8(at);
    at++;
    if (isPicture) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
}

/** The first chunk of the RIFF is lossy, lossless or extended. */
function webp(view: DataView, text: TextAt): Size & Orientation {
  if (view.getUint32(4, true) + 8 > view.byteLength) throw new RangeError('no end');
  const size = webpSize(view, text(12, 4));
  for (let at = 12; at + 8 <= view.byteLength; ) {
    if (text(at, 4) === 'EXIF') return { ...size, ...exif(view, at + 8) };
    const length = view.getUint32(at + 4, true);
    at += 8 + length + (length % 2);
  }
  return { ...size, ...upright };
}

function webpSize(view: DataView, chunk: string): Size {
  if (chunk === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  // VP8X: two numbers of 24 bits, each one less than the size.
  const width = (view.getUint32(24, true) & 0xffffff) + 1;
  return { width, height: (view.getUint32(26, true) >>> 8) + 1 };
}

/** The orientation in the TIFF structure at `tiff`, as EXIF holds it; upright where it is absent or damaged. */
function exif(view: DataView, tiff: number): Orientation {
  try {
    const little = view.getUint16(tiff) === 0x4949;
    const directory = tiff + view.getUint32(tiff + 4, little);
    const entries = view.getUint16(directory, little);
    for (let at = directory + 2; at < directory + 2 + 12 * entries; at += 12) {
      if (view.getUint16(at, little) !== 0x0112) continue;
      const orientation = view.getUint16(at + 8, little);
      const isShort = view.getUint16(at + 2, little) === 3;
      if (!isShort || orientation < 1 || orientation > 8) break;
      return { orientation, orientationAt: at + (little ? 8 : 9) };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return upright;
}
