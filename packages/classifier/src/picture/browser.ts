import { BadImageError } from '../bad-image-error.ts';
import type { PictureHeader } from './header.ts';
import type { Pixels } from './network-input.ts';

/** How many pixels a canvas holds at once: phones refuse large ones. */
const STRIP_PIXELS = 2 ** 18;

export const isBrowser = () =>
  typeof createImageBitmap === 'function' && typeof OffscreenCanvas === 'function';

/** Colours as they are stored. */
export const openBitmap = (source: ImageBitmapSource): Promise<ImageBitmap> =>
  createImageBitmap(source, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });

/**
 * Pixels as they are stored. The orientation is taken out, for browsers turn by it even when they are told not to
 * (`imageOrientation: 'none'` in Chromium 156).
 */
export async function decodeInBrowser(
  bytes: Uint8Array,
  { orientation, orientationAt }: PictureHeader,
): Promise<Pixels> {
  const stored = new Uint8Array(bytes);
  if (orientation !== 1) stored[orientationAt!] = 1;
  const bitmap = await openBitmap(new Blob([stored]));
  try {
    return bitmapPixels(bitmap);
  } finally {
    bitmap.close();
  }
}

const isImage = (source: CanvasImageSource): source is HTMLImageElement =>
  typeof HTMLImageElement === 'function' && source instanceof HTMLImageElement;

/** Whether it is an image that has come. */
export const isShown = (source: CanvasImageSource): boolean =>
  isImage(source) && source.complete && source.naturalWidth > 0;

/** The file that a page's image shows, mostly from the browser's cache. */
export async function imageBytes(source: CanvasImageSource): Promise<Uint8Array | null> {
  if (!isImage(source)) return null;
  const response = await fetch(source.currentSrc || source.src, { cache: 'force-cache' });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new Error(`HTTP status ${response.status}`);
}

/** The pixels of a bitmap at its own size, red, green and blue. */
export function bitmapPixels(bitmap: ImageBitmap): Pixels {
  return opaquePixels(bitmap) ?? transparentPixels(bitmap);
}

/** By a canvas; null when a pixel is transparent, for a canvas multiplies its colours by alpha. */
function opaquePixels(bitmap: ImageBitmap): Pixels | null {
  const { width, height } = bitmap;
  const data = new Uint8Array(width * height * 3);
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / width));
  const canvas = new OffscreenCanvas(width, Math.min(rows, height));
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.globalCompositeOperation = 'copy';
  let to = 0;
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    context.drawImage(bitmap, 0, -top);
    const strip = context.getImageData(0, 0, width, count).data;
    for (let at = 0; at < strip.length; at += 4) {
      if (strip[at + 3] !== 255) return null;
      data[to++] = strip[at]!;
      data[to++] = strip[at + 1]!;
      data[to++] = strip[at + 2]!;
    }
  }
  return { data, width, height };
}

/** By a texture, which keeps the colours that alpha hides. */
function transparentPixels(bitmap: ImageBitmap): Pixels {
  const { width, height } = bitmap;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl', { premultipliedAlpha: false });
  if (!gl || Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) {
    throw new BadImageError(
      `classify: expected WebGL to read the colours of ${width}x${height} transparent pixels, got none for this size. Fill the background first, or pass ImageData`,
      'too-large',
    );
  }
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(
    gl.FRAMEBUFFER,
    gl.COLOR_ATTACHMENT0,
    gl.TEXTURE_2D,
    gl.getParameter(gl.TEXTURE_BINDING_2D),
    0,
  );
  const data = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { data, width, height };
}
