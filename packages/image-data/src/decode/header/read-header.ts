import { BadImageError } from '../../bad-image-error.ts';
import type { StoredImage, StoredPixels } from '../../source.ts';
import type { ImageHeader } from '../image-header.ts';
import { gifHeader } from './gif-header.ts';
import { checkBudget, type ImageBudget } from './image-budget.ts';
import { jpegHeader } from './jpeg-header.ts';
import { pngHeader } from './png-header.ts';
import type { RawHeader } from './raw-header.ts';
import { webpHeader } from './webp-header.ts';

const readers = [jpegHeader, pngHeader, webpHeader, gifHeader];

export interface HeaderOptions extends ImageBudget {
  /** Whether the size is that of the image turned upright. */
  readonly exifOrientation: boolean;
}

/**
 * Format and size of an image, from its first bytes, whatever its name says.
 *
 * @throws BadImageError - if it is empty, cut short, not an image of a known format, or one of too many pixels.
 */
export function readHeader(image: StoredImage, name: string, options: HeaderOptions): ImageHeader {
  if (image.kind === 'pixels') return pixelsHeader(image, name);
  const header = sniff(image.bytes, name);
  const { format, width, height, orientation } = header;
  if (width === 0 || height === 0) {
    throw new BadImageError(name, `an image of ${width}x${height} pixels has none`);
  }
  checkBudget(header, name, options);
  if (!options.exifOrientation) return { format, width, height, orientation: 1 };
  return orientation < 5
    ? { format, width, height, orientation }
    : { format, width: height, height: width, orientation };
}

function sniff(bytes: Uint8Array, name: string): RawHeader {
  if (bytes.length === 0) throw new BadImageError(name, 'is empty');
  try {
    for (const read of readers) {
      const header = read(bytes);
      if (header !== undefined) return header;
    }
  } catch (cause) {
    // A DataView's: the header is cut short, or one of ours.
    if (!(cause instanceof RangeError)) throw cause;
    throw new BadImageError(name, `has a damaged header (${cause.message})`, { cause });
  }
  throw new BadImageError(name, 'is not a JPEG, PNG, WebP or GIF');
}

function pixelsHeader(
  { pixels, width, height, channels = 3 }: StoredPixels,
  name: string,
): ImageHeader {
  if (width < 1 || height < 1 || pixels.length !== width * height * channels) {
    const shape = `${height}x${width}x${channels}`;
    throw new BadImageError(name, `${pixels.length} bytes are not ${shape} pixels`);
  }
  return { format: 'pixels', width, height, orientation: 1 };
}
