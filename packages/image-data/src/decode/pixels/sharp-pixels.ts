// Before a thread has descriptors of its own (ThreadLog): detect-libc, which sharp loads, opens a file in the thread and closes its number
// by Node's pool, which is the process's, where it may be a socket.
import sharp from 'sharp';
import type { Window } from '../placement.ts';

/**
 * The window's pixels, uint8 `[height, width, 3]`, of a PNG, WebP or the first frame of a GIF.
 *
 * As Pillow's `convert('RGB')`: alpha is dropped, a palette looked up, an embedded colour profile ignored.
 *
 * @throws Error - if the image is damaged or cut short.
 */
export async function sharpPixels(
  bytes: Uint8Array,
  { top, left, height, width }: Window,
  maxPixels: number,
): Promise<Uint8Array> {
  const pixels = await sharp(bytes, {
    limitInputPixels: maxPixels,
    failOn: 'error',
    ignoreIcc: true,
  })
    .extract({ top, left, height, width })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  if (pixels.length === height * width * 3) return pixels;
  throw new Error(`${pixels.length} bytes are not ${height}x${width}x3 pixels`);
}
