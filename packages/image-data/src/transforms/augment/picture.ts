import type { ImageSize } from '../../decode/placement.ts';

/** One image of bytes, such as a decoded one. */
export interface Picture extends ImageSize {
  /** uint8, `[height, width, 3]`. */
  readonly pixels: Uint8Array;
}

export const CHANNELS = 3;

/** @throws RangeError - if the pixels are not those of the size. */
export function requirePicture(caller: string, { pixels, height, width }: Picture): void {
  if (pixels.length === height * width * CHANNELS && pixels.length > 0) return;
  throw new RangeError(
    `${caller}: expected pixels of [${height}, ${width}, 3], got ${pixels.length} bytes.`,
  );
}
