import type { ImageSize, Window } from './geometry.ts';

/** An image as it is stored: bytes row after row, `channels` for each pixel, of which the first three are its colours. */
export interface StoredPixels extends ImageSize {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly channels: 3 | 4;
}

/** How EXIF's orientation 1 to 8 stores an upright image: transposed, then mirrored along the stored axes. */
function layoutOf(orientation: number) {
  return {
    transposed: orientation >= 5,
    mirrorColumns: [2, 3, 7, 8].includes(orientation),
    mirrorRows: [3, 4, 6, 7].includes(orientation),
  };
}

/** Height and width swapped where the orientation turns the image by a quarter. */
export function turnedSize({ height, width }: ImageSize, orientation: number): ImageSize {
  return layoutOf(orientation).transposed ? { height: width, width: height } : { height, width };
}

/** Where a window of the upright image lies in the stored image of that size. */
export function storedWindow(window: Window, stored: ImageSize, orientation: number): Window {
  const { transposed, mirrorColumns, mirrorRows } = layoutOf(orientation);
  const { height, width } = turnedSize(window, orientation);
  const top = transposed ? window.left : window.top;
  const left = transposed ? window.top : window.left;
  return {
    top: mirrorRows ? stored.height - top - height : top,
    left: mirrorColumns ? stored.width - left - width : left,
    height,
    width,
  };
}

/** Writes the colours of a window of the upright image to `target`, uint8 `[height, width, 3]`, whatever way the image is stored. */
export function copyUpright(
  stored: StoredPixels,
  window: Window,
  orientation: number,
  target: Uint8Array,
): void {
  const { transposed, mirrorColumns, mirrorRows } = layoutOf(orientation);
  const { data, channels } = stored;
  const { top, left } = storedWindow(window, stored, orientation);
  const { height, width } = turnedSize(window, orientation);
  const column = mirrorColumns ? -channels : channels;
  const row = stored.width * (mirrorRows ? -channels : channels);
  const [right, down] = transposed ? [row, column] : [column, row];
  const firstRow = mirrorRows ? top + height - 1 : top;
  const firstColumn = mirrorColumns ? left + width - 1 : left;
  const first = (firstRow * stored.width + firstColumn) * channels;
  let to = 0;
  for (let y = 0; y < window.height; y++) {
    for (let x = 0, from = first + y * down; x < window.width; x++, from += right) {
      target[to] = data[from]!;
      target[to + 1] = data[from + 1]!;
      target[to + 2] = data[from + 2]!;
      to += 3;
    }
  }
}
