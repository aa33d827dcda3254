import type { ImageSize, Window } from '../placement.ts';

const CHANNELS = 3;

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

/** Writes the stored pixels upright; `upright` is the size they then have. */
export function turnUpright(
  stored: Uint8Array,
  upright: ImageSize,
  orientation: number,
  target: Uint8Array,
): void {
  const { transposed, mirrorColumns, mirrorRows } = layoutOf(orientation);
  const { height, width } = turnedSize(upright, orientation);
  let to = 0;
  for (let y = 0; y < upright.height; y++) {
    for (let x = 0; x < upright.width; x++) {
      const row = transposed ? x : y;
      const column = transposed ? y : x;
      const from =
        (mirrorRows ? height - 1 - row : row) * width +
        (mirrorColumns ? width - 1 - column : column);
      for (let channel = 0; channel < CHANNELS; channel++) {
        target[to++] = stored[from * CHANNELS + channel]!;
      }
    }
  }
}
