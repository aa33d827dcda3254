// Before a thread has descriptors of its own (ThreadLog): detect-libc, which sharp loads, opens a file in the thread and closes its number
// by Node's pool, which is the process's, where it may be a socket.
import sharp from 'sharp';
import type { Window } from '../placement.ts';

/**
 * The window's pixels, uint8 `[height, width, 3]`, of a PNG, JPEG, WebP or the first frame of a GIF.
 *
 * As Pillow's `convert('RGB')`: alpha is dropped, a palette looked up, inks multiplied, an embedded colour profile ignored.
 *
 * @throws Error - if the image is damaged or cut short.
 */
export async function sharpPixels(
  bytes: Uint8Array,
  { top, left, height, width }: Window,
  maxPixels: number,
): Promise<Uint8Array> {
  const part = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true });
  const { space } = await part.metadata();
  part.extract({ top, left, height, width });
  if (space === 'cmyk') {
    const inks = part.pipelineColourspace('cmyk').toColourspace('cmyk');
    return withoutInks(await inks.raw({ depth: 'uchar' }).toBuffer());
  }
  const pixels = await part.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer();
  if (pixels.length === height * width * 3) return pixels;
  throw new Error(`${pixels.length} bytes are not ${height}x${width}x3 pixels`);
}

/** The light that cyan, magenta, yellow and black leave: (255 - ink) (255 - black) / 255, as libjpeg's callers compute it. */
function withoutInks(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3]!;
    for (let ink = 0; ink < 3; ink++) {
      pixels[to++] = Math.trunc(((255 - inks[from + ink]!) * light) / 255);
    }
  }
  return pixels;
}
