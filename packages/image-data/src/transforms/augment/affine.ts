import { channelsOf, type Picture } from './picture.ts';

/** Where an output pixel's centre (x, y) comes from: (a x + b y + c, d x + e y + f). */
export type AffineMatrix = readonly [number, number, number, number, number, number];

const FRACTION_BITS = 16;

/** Takes each output pixel from the nearest source pixel, in Pillow's fixed point; what is outside is black. */
export function transformAffine(picture: Picture, matrix: AffineMatrix): Picture {
  const { pixels, height, width } = picture;
  const channels = channelsOf(picture);
  const [a, b, c, d, e, f] = matrix;
  const fixed = (value: number) => Math.floor(value * 2 ** FRACTION_BITS + 0.5);
  const [right, down, rightY, downY] = [fixed(a), fixed(b), fixed(d), fixed(e)];
  let rowX = fixed(c + a * 0.5 + b * 0.5);
  let rowY = fixed(f + d * 0.5 + e * 0.5);
  const target = new Uint8Array(pixels.length);
  let to = 0;
  for (let row = 0; row < height; row++) {
    let [x, y] = [rowX, rowY];
    for (let column = 0; column < width; column++) {
      const [fromX, fromY] = [x >> FRACTION_BITS, y >> FRACTION_BITS];
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
        const from = (fromY * width + fromX) * channels;
        for (let c = 0; c < channels; c++) target[to + c] = pixels[from + c]!;
      }
      to += channels;
      x += right;
      y += rightY;
    }
    rowX += down;
    rowY += downY;
  }
  return { pixels: target, height, width };
}

/** Shears along the rows: x := x + amount y. */
export const shearX = (picture: Picture, amount: number): Picture =>
  transformAffine(picture, [1, amount, 0, 0, 1, 0]);

/** Shears along the columns: y := y + amount x. */
export const shearY = (picture: Picture, amount: number): Picture =>
  transformAffine(picture, [1, 0, 0, amount, 1, 0]);

/** Moves to the right by whole pixels. */
export const translateX = (picture: Picture, amount: number): Picture =>
  transformAffine(picture, [1, 0, -Math.trunc(amount), 0, 1, 0]);

/** Moves down by whole pixels. */
export const translateY = (picture: Picture, amount: number): Picture =>
  transformAffine(picture, [1, 0, 0, 0, 1, -Math.trunc(amount)]);

/** Turns counter-clockwise about the centre, by degrees. */
export function rotate(picture: Picture, degrees: number): Picture {
  const angle = (-degrees * Math.PI) / 180;
  const cos = toDigits(Math.cos(angle));
  const sin = toDigits(Math.sin(angle));
  const [x, y] = [picture.width / 2, picture.height / 2];
  const matrix: AffineMatrix = [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y];
  return transformAffine(picture, matrix);
}

/** Fifteen digits, as Pillow: makes the cosine of 90 degrees 0. */
function toDigits(value: number): number {
  return Number(value.toFixed(15));
}
