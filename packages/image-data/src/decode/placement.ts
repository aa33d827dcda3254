import type { ImageSize, Interpolation, Window } from '@bag-of-tricks/image-resize';

export type { ImageSize, Window };

/** Where the pixels of one output image come from. */
export interface Placement {
  /** The part of the upright source image that is read; nothing outside has any influence. */
  readonly window: Window;
  /** What the window is resized to. */
  readonly resized: ImageSize;
  /** The output's top left corner in the resized window; may be negative, and what lies outside the window is black. */
  readonly offset: { readonly top: number; readonly left: number };
  /** Whether the output is then mirrored, left to right. */
  readonly flip: boolean;
  /** The filter that resizes this image. Default: the decoder's. */
  readonly interpolation?: Interpolation;
}

/** Chooses the part of an image of that size which makes an output image; `random` returns numbers in [0, 1). */
export type PlaceImage = (image: ImageSize, random: () => number) => Placement;
