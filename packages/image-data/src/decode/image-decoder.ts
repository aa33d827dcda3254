import type { Interpolation } from '@bag-of-tricks/image-resize';
import type { BadImageError } from '../bad-image-error.ts';
import type { Channels, StoredImage } from '../source.ts';
import type { ImageBudgetOptions } from './header/image-budget.ts';
import type { ImageHeader } from './image-header.ts';
import type { ImageSize, Placement } from './placement.ts';

/** An image beyond the budget is refused before it is decoded. */
export interface ImageDecoderOptions extends ImageBudgetOptions {
  /** Height and width of the output images, or both at once; a call of `decode` may name others. */
  readonly size: number | ImageSize;
  /** Channels of the output images: 1 is grey as Pillow's `convert('L')`. Default: 3. */
  readonly channels?: Channels;
  /** The filter that resizes, as in Pillow. Default: `bilinear`. */
  readonly interpolation?: Interpolation | undefined;
  /**
   * Whether shrinking averages all source pixels, as Pillow and torchvision do, or mixes the nearest, as the paper's
   * training input did. Default: whether `interpolation` is given; without it `false`, the paper's.
   */
  readonly antialias?: boolean | undefined;
  /**
   * `exact` decodes a JPEG as Pillow does. `fast` upsamples colour without smoothing and, with antialiasing, shrinks
   * in the frequency domain where an image is at least twice too large: on photographs at 224 pixels 0.1 levels of
   * 255 away in the mean, 1 to 2 where it shrinks. Default: `exact`.
   */
  readonly jpeg?: 'exact' | 'fast';
  /**
   * What decodes JPEG: TensorFlow's library, or sharp, which needs none of it and decodes whole images, always as `exact`.
   * Default: `tensorflow`.
   */
  readonly jpegDecoder?: JpegDecoder | undefined;
  /** Whether EXIF's orientation turns the image upright. Default: `false`: timm and torchvision do not either. */
  readonly exifOrientation?: boolean;
  /** Threads that decode, started for the first image that needs one. Default: one a core. */
  readonly threads?: number;
}

export type JpegDecoder = 'tensorflow' | 'sharp';

export interface DecodeRequest {
  readonly image: StoredImage;
  /** What errors call the image. */
  readonly name: string;
  readonly placement: Placement;
  /** What `header` returned for this image, so that it is not read again. */
  readonly header?: ImageHeader;
}

export interface DecodeOptions {
  /** Height and width of these output images. Default: the decoder's. */
  readonly size?: ImageSize;
  readonly signal?: AbortSignal | undefined;
}

export interface DecodedImages {
  /** uint8, `[requests, height, width, channels]`; an image that failed is black. */
  readonly images: Uint8Array;
  readonly failures: readonly { readonly position: number; readonly error: BadImageError }[];
}

/** Turns stored images into pixels, many at a time, beside the event loop. */
export interface ImageDecoder {
  /** Height and width of the output images. */
  readonly size: ImageSize;
  readonly channels: Channels;
  /**
   * Format and size, without decoding.
   *
   * @throws BadImageError - if this is no image that the decoder knows, or one beyond the budget.
   */
  header(image: StoredImage, name: string): ImageHeader;
  /**
   * Decodes, places and resizes each image; one that cannot be decoded is a failure, the others are complete. Pixels that
   * need no resizing are copied at once, without a thread.
   *
   * Calls may overlap. Rejects with the signal's reason when it is aborted, and with an error if the decoder
   * itself fails.
   */
  decode(requests: readonly DecodeRequest[], options?: DecodeOptions): Promise<DecodedImages>;
  /** Rejects what is still being decoded and leaves the threads to the next decoder; idle ones do not keep the process alive. */
  dispose(): Promise<void>;
}
