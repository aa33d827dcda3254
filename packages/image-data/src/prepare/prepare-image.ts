import type { Sharp } from 'sharp';
import { BadImageError } from '../bad-image-error.ts';
import { defaultBudget } from '../decode/header/image-budget.ts';
import { readHeader } from '../decode/header/read-header.ts';
import type { StoredImage } from '../source.ts';
import { imageType } from './image-type.ts';

/** How images are prepared. */
export interface PrepareImageOptions {
  /** Images with a longer short side are reduced to it; `null` keeps all as they are. */
  readonly shortSide: number | null;
  /** Of the JPEGs that are written, 1 to 100. */
  readonly quality: number;
}

/** An image as a shard holds it. */
export interface PreparedImage {
  /** With no dot. */
  readonly extension: string;
  readonly bytes: Uint8Array;
}

/**
 * Reduces an image to a short side and encodes it as JPEG. One that is small enough is kept byte for byte (pixels become
 * a PNG): enlarging or encoding it again would only lose.
 *
 * The orientation tag is kept and not applied, so that a reader decides about it as for the original; transparency is
 * dropped as Pillow's `convert('RGB')` does.
 *
 * @throws BadImageError when the bytes are no image that can be decoded.
 */
export async function prepareImage(
  image: StoredImage,
  describe: () => string,
  { shortSide, quality }: PrepareImageOptions,
): Promise<PreparedImage> {
  try {
    const type = image.kind === 'pixels' ? 'png' : imageType(image.bytes);
    if (type === undefined) throw new Error('is no JPEG, PNG, WebP or GIF');
    if (shortSide === null && image.kind === 'encoded') {
      return { extension: type, bytes: image.bytes };
    }
    readHeader(image, describe(), { ...defaultBudget, exifOrientation: false });
    const decoder = await open(image);
    const { width, height } = await decoder.metadata();
    if (shortSide === null || Math.min(width, height) <= shortSide) {
      const bytes = image.kind === 'encoded' ? image.bytes : await decoder.png().toBuffer();
      return { extension: type, bytes };
    }
    const bytes = await decoder
      .resize(shortSide, shortSide, { fit: 'outside', fastShrinkOnLoad: false })
      .removeAlpha()
      .keepExif()
      .jpeg({ quality })
      .toBuffer();
    return { extension: 'jpg', bytes };
  } catch (error) {
    if (error instanceof BadImageError) throw error;
    throw new BadImageError(describe(), (error as Error).message, { cause: error });
  }
}

async function open(image: StoredImage): Promise<Sharp> {
  // Not at import: where no native code may run, images that are pixels can be trained on.
  const { default: sharp } = await import('sharp');
  if (image.kind === 'encoded') {
    // Decoders for training ignore colour profiles too, so that an image looks the same before and after.
    const options = {
      failOn: 'error',
      ignoreIcc: true,
      limitInputPixels: defaultBudget.maxPixels,
    } as const;
    return sharp(image.bytes, options);
  }
  const { pixels, height, width, channels = 3 } = image;
  return sharp(pixels, { raw: { height, width, channels } });
}
