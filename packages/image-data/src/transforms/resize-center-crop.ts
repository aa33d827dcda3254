import { centerCrop } from '@bag-of-tricks/image-resize';
import { requireCount, toSize } from '../check.ts';
import type { ImageSize, PlaceImage } from '../decode/placement.ts';

export interface ResizeCenterCropOptions {
  /** The output's height and width, or both at once. Default: 224. */
  readonly size?: number | ImageSize;
  /** What the image's shorter edge becomes. Default: 256. */
  readonly resize?: number;
}

/**
 * Resizes the shorter edge and crops the centre: the evaluation protocol (He et al. 2019, section 2.1).
 *
 * With s = resize / shorter edge the image becomes `resize` by floor(s * longer edge), as in torchvision; the crop
 * starts at half the difference, rounded to even. Where the image is smaller than the crop, the rest is black.
 * Draws nothing.
 *
 * @example
 * import { resizeCenterCrop } from '@bag-of-tricks/image-data';
 *
 * const place = resizeCenterCrop({ size: 224, resize: 256 });
 * place({ height: 375, width: 500 }, Math.random).resized; // { height: 256, width: 341 }
 *
 * @throws RangeError - for sizes that are not whole numbers above 0.
 */
export function resizeCenterCrop({
  size = 224,
  resize = 256,
}: ResizeCenterCropOptions = {}): PlaceImage {
  const { height, width } = toSize('resizeCenterCrop', size);
  requireCount('resizeCenterCrop', 'resize', resize);
  return (image) => ({
    window: { top: 0, left: 0, height: image.height, width: image.width },
    ...centerCrop(image, resize, { height, width }),
    flip: false,
  });
}
