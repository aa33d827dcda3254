import { grayAt } from '@bag-of-tricks/image-resize';
import { channelsOf, type Picture } from './picture.ts';

/** other + factor (pixels - other), cut to whole numbers of [0, 255]; `other` returns the byte at an index. */
function blend(picture: Picture, factor: number, other: (index: number) => number): Picture {
  const { pixels } = picture;
  const single = Math.fround(factor);
  const target = new Uint8ClampedArray(pixels.length);
  for (let index = 0; index < pixels.length; index++) {
    const base = other(index);
    target[index] = Math.trunc(Math.fround(base + Math.fround(single * (pixels[index]! - base))));
  }
  return { ...picture, pixels: new Uint8Array(target.buffer) };
}

/** 1 leaves the image as it is, 0 makes it black. */
export function adjustBrightness(picture: Picture, factor: number): Picture {
  return blend(picture, factor, () => 0);
}

/** 1 leaves the image as it is, 0 makes it grey. */
export function adjustColor(picture: Picture, factor: number): Picture {
  if (channelsOf(picture) === 1) return picture;
  return blend(picture, factor, (index) => grayAt(picture.pixels, index - (index % 3)));
}

/** 1 leaves the image as it is, 0 makes it all its mean grey. */
export function adjustContrast(picture: Picture, factor: number): Picture {
  const { pixels } = picture;
  const channels = channelsOf(picture);
  let sum = 0;
  for (let at = 0; at < pixels.length; at += channels) {
    sum += channels === 1 ? pixels[at]! : grayAt(pixels, at);
  }
  const mean = Math.trunc(sum / (pixels.length / channels) + 0.5);
  return blend(picture, factor, () => mean);
}

/** 1 leaves the image as it is, 0 smooths it by a 3x3 kernel with a heavy middle; the border stays. */
export function adjustSharpness(picture: Picture, factor: number): Picture {
  const smooth = smoothed(picture);
  return blend(picture, factor, (index) => smooth[index]!);
}

function smoothed(picture: Picture): Uint8Array {
  const { pixels, height, width } = picture;
  const channels = channelsOf(picture);
  const target = pixels.slice();
  const stride = width * channels;
  for (let row = 1; row < height - 1; row++) {
    for (let at = row * stride + channels; at < (row + 1) * stride - channels; at++) {
      let sum = 4 * pixels[at]!;
      for (const line of [at - stride, at, at + stride]) {
        sum += pixels[line - channels]! + pixels[line]! + pixels[line + channels]!;
      }
      target[at] = Math.trunc(sum / 13 + 0.5);
    }
  }
  return target;
}
