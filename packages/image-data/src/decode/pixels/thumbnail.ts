import type { StoredPixels } from '../../source.ts';

/**
 * A small JPEG of pixels, for a page: no side is longer than `longest` pixels.
 *
 * @example
 * ```ts
 * import { thumbnail } from '@bag-of-tricks/image-data';
 *
 * const jpeg = await thumbnail({ kind: 'pixels', pixels: new Uint8Array(300 * 400 * 3), height: 300, width: 400 });
 * ```
 */
export async function thumbnail(
  { pixels, height, width, channels = 3 }: StoredPixels,
  { longest = 128 }: { readonly longest?: number } = {},
): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(pixels, { raw: { height, width, channels } })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 85, chromaSubsampling: '4:4:4' })
    .toBuffer();
}
