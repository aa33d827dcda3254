/** A height and a width in whole pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** A rectangle of whole pixels. */
export interface Window extends ImageSize {
  readonly top: number;
  readonly left: number;
}

/** What an image is resized to, and where an output's top left corner lies in that; negative where the image is smaller. */
export interface CenterCrop {
  readonly resized: ImageSize;
  readonly offset: Pick<Window, 'top' | 'left'>;
}

/**
 * The evaluation protocol (He et al. 2019, section 2.1): with s = resize / shorter edge the image becomes `resize` by floor(s * longer edge),
 * as in torchvision; an output of `size` begins at half the difference, rounded to even.
 */
export function centerCrop(image: ImageSize, resize: number, size: ImageSize): CenterCrop {
  const [shorter, longer] = [
    Math.min(image.height, image.width),
    Math.max(image.height, image.width),
  ];
  const long = Math.floor((resize * longer) / shorter);
  const isWide = image.height <= image.width;
  const resized = isWide ? { height: resize, width: long } : { height: long, width: resize };
  const top = centered(resized.height, size.height);
  return { resized, offset: { top, left: centered(resized.width, size.width) } };
}

/** Half of the difference: rounded to even where the crop fits, as Python's `round`; else half of the padding before it. */
function centered(available: number, wanted: number): number {
  const half = (available - wanted) / 2;
  // Adding 0 makes -0 a plain 0.
  if (half < 0) return Math.ceil(half) + 0;
  const floor = Math.floor(half);
  return half - floor === 0.5 && floor % 2 === 1 ? floor + 1 : floor;
}

/** Output pixels along one axis that show the picture, from `at` on; the others are black. */
export interface Shown {
  readonly at: number;
  readonly count: number;
  /** The first of them in the resized picture. */
  readonly first: number;
}

/** Which of an output's `size` pixels show the picture, `resized` long, when it begins at its `offset`. */
export function shown(offset: number, resized: number, size: number): Shown {
  const first = Math.max(0, offset);
  const at = first - offset;
  return { at, first, count: Math.max(0, Math.min(resized - first, size - at)) };
}
