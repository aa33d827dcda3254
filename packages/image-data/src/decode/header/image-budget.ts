import { BadImageError } from '../../bad-image-error.ts';
import type { RawHeader } from './raw-header.ts';

/** What one image may cost, counted from its header before it is decoded. */
export interface ImageBudget {
  /** Height times width. Default: 178,956,970, where Pillow raises its error. */
  readonly maxPixels: number;
  /** Bytes of memory that decoding and resizing the whole image take. Default: 768 MiB, for one of 134 million pixels. */
  readonly maxImageBytes: number;
  /**
   * Pixels times scans. A progressive JPEG has about ten scans; one of some kilobytes can have so many that it is decoded for
   * minutes. Default: 2,147,483,648, some seconds.
   */
  readonly maxScanPixels: number;
}

/** A budget of which the rest is the default. */
export type ImageBudgetOptions = { readonly [K in keyof ImageBudget]?: number | undefined };

export const defaultBudget: ImageBudget = {
  /** Twice Pillow's `MAX_IMAGE_PIXELS`. */
  maxPixels: 178_956_970,
  maxImageBytes: 768 * 2 ** 20,
  maxScanPixels: 2 ** 31,
};

/** The window's pixels, as the decoder hands them out and as the resizer takes them: three bytes each. */
const OUTPUT_BYTES = 2 * 3;

/** @throws BadImageError - if the image is beyond one of the limits. */
export function checkBudget(header: RawHeader, name: string, budget: ImageBudget): void {
  const { width, height, workBytes, scans } = header;
  const pixels = width * height;
  const size = `${width}x${height} pixels`;
  if (pixels > budget.maxPixels) {
    throw new BadImageError(name, `${size} are more than the limit of ${budget.maxPixels}`);
  }
  const bytes = workBytes + OUTPUT_BYTES * pixels;
  if (bytes > budget.maxImageBytes) {
    const needed = `${size} that take ${mebibytes(bytes)} MiB to decode`;
    const limit = mebibytes(budget.maxImageBytes);
    throw new BadImageError(name, `${needed} are more than maxImageBytes (${limit} MiB) allows`);
  }
  if (pixels * scans > budget.maxScanPixels) {
    const needed = `${scans} scans of ${size}`;
    throw new BadImageError(
      name,
      `${needed} are more than maxScanPixels (${budget.maxScanPixels}) allows`,
    );
  }
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
