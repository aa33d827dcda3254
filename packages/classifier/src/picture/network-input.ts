import {
  axisTaps,
  centerCrop,
  copyUpright,
  isVerticalFirst,
  makeGray,
  Resizer,
  resizeFilters,
  type Shown,
  shown,
  turnedSize,
} from '@bag-of-tricks/image-resize';
import type { InferenceDescription } from '../model/description.ts';

/** Pixels of a picture, row after row, red, green, blue and perhaps alpha, not premultiplied: each a byte. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What of a description makes pixels the network's input. */
export type InputDescription = Pick<
  InferenceDescription,
  'imageSize' | 'channels' | 'evalResize' | 'interpolation' | 'antialias'
>;

/** Keeps its memory for the next picture. */
let resizer: Resizer | undefined;

/**
 * The pixels that the network sees in evaluation, bit for bit: turned upright, the shorter side resized to `evalResize` as Pillow does,
 * the centre cropped; where the picture is smaller than the crop, the rest is black.
 *
 * @param orientation EXIF's, 1 to 8, of the pixels as they are stored. Default: 1, upright.
 * @returns uint8 `[imageSize, imageSize, channels]`.
 */
export function networkInput(
  picture: Pixels,
  description: InputDescription,
  orientation = 1,
): Uint8Array {
  // One by one, for those of an ImageData are not its own properties.
  const { data, width, height } = picture;
  const { imageSize: size, channels, evalResize, interpolation, antialias } = description;
  const upright = turnedSize(picture, orientation);
  const { resized, offset } = centerCrop(upright, evalResize, { height: size, width: size });
  const [down, right] = [
    shown(offset.top, resized.height, size),
    shown(offset.left, resized.width, size),
  ];
  const axis = (source: number, resized: number, { first, count }: Shown) =>
    axisTaps({
      ...{ source, resized, first, count, antialias, filter: resizeFilters[interpolation] },
      ...{ box: { start: 0, length: source }, reversed: false },
    });
  const rows = axis(upright.height, resized.height, down);
  const columns = axis(upright.width, resized.width, right);
  const window = {
    ...{ top: rows.range.start, height: rows.range.length },
    ...{ left: columns.range.start, width: columns.range.length },
  };
  const step = data.length / (width * height);
  resizer ??= new Resizer();
  const pixels = resizer.resize({
    ...{ rows, columns, verticalFirst: antialias && isVerticalFirst(upright, resized) },
    fill(target) {
      const stored = { data, width, height, channels: step === 4 ? 4 : 3 } as const;
      copyUpright(stored, window, orientation, target);
      if (channels === 1) makeGray(target);
    },
  });
  const target = new Uint8Array(size * size * channels);
  for (let row = 0; row < down.count; row++) {
    const shownRow = pixels.subarray(3 * row * right.count, 3 * (row + 1) * right.count);
    const to = ((down.at + row) * size + right.at) * channels;
    target.set(channels === 3 ? shownRow : shownRow.filter((_, i) => i % 3 === 0), to);
  }
  return target;
}
