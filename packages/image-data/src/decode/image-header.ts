import type { ImageSize } from './placement.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'pixels';

/** What the first bytes of an image say of it; width and height are those of the upright image. */
export interface ImageHeader extends ImageSize {
  readonly format: ImageFormat;
  /** EXIF's orientation, 1 (upright) to 8; always 1 unless the decoder applies it. */
  readonly orientation: number;
}
