import { requireShare, requireWhole, toSize } from '../check.ts';
import type { ImageSize, PlaceImage } from '../decode/placement.ts';

export interface PadCropFlipOptions {
  /** The output's height and width, or both at once; the image is resized to it first if it has another size. */
  readonly size: number | ImageSize;
  /** Black pixels that are put around the image. Default: 4. */
  readonly padding?: number;
  /** The probability of mirroring. Default: 0.5. */
  readonly flip?: number;
}

/**
 * Pads the image with black, crops the original size anywhere and mirrors half of them: the usual training input on
 * CIFAR (He et al. 2016, section 4.2). Always takes three draws.
 *
 * The padding is black in the raw pixels, as torchvision's `RandomCrop(32, padding=4)` in front of `Normalize`.
 *
 * @example
 * import { padCropFlip } from '@bag-of-tricks/image-data';
 *
 * const place = padCropFlip({ size: 32, padding: 4 });
 * place({ height: 32, width: 32 }, () => 0).offset; // { top: -4, left: -4 }
 *
 * @throws RangeError - for a size, padding or probability that makes no sense.
 */
export function padCropFlip({ size, padding = 4, flip = 0.5 }: PadCropFlipOptions): PlaceImage {
  const resized = toSize('padCropFlip', size);
  requireWhole('padCropFlip', 'padding', padding);
  requireShare('padCropFlip', 'flip', flip);
  return ({ height, width }, random) => {
    const [down, right, mirror] = [random(), random(), random()];
    const shift = (draw: number) => Math.floor(draw * (2 * padding + 1)) - padding;
    return {
      window: { top: 0, left: 0, height, width },
      resized,
      offset: { top: shift(down), left: shift(right) },
      flip: mirror < flip,
    };
  };
}
