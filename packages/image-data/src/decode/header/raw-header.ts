/** What the bytes of an image say, before any limit or orientation is applied. */
export interface RawHeader {
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif';
  readonly width: number;
  readonly height: number;
  /** EXIF's orientation, 1 to 8; 1 where there is none. */
  readonly orientation: number;
  /** Memory that its decoder needs beside the pixels that it hands out. */
  readonly workBytes: number;
  /** How often decoding goes over the image. */
  readonly scans: number;
}

/** The bytes as big and little endian numbers; reading behind the end throws a `RangeError`. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes from `start` as text. */
export function textAt(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
