import type { ImageSize } from '../../decode/placement.ts';

/** One image of bytes, such as a decoded one. */
export interface Picture extends ImageSize {
  /** uint8, `[height, width, channels]`, of 1 or 3 channels. */
  readonly pixels: Uint8Array;
}

/** Channels of a picture, whose pixels fill its size. */
export function channelsOf({ pixels, height, width }: Picture): number {
  return pixels.length / (height * width);
}

/** @throws RangeError - if the pixels are not those of the size. */
export function requirePicture(caller: string, picture: Picture): void {
  const channels = channelsOf(picture);
  if (channels === 1 || channels === 3) return;
  const { pixels, height, width } = picture;
  throw new RangeError(
    `${caller}: expected pixels of [${height}, ${width}, 1 or 3], got ${pixels.length} bytes.`,
  );
}
