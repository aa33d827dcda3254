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

interface Filter {
  /** How far it reaches, in output pixels where the picture shrinks and source pixels where it grows. */
  readonly support: number;
  weight(x: number): number;
}

function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * -0.5 : 0;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** Pillow's: the triangle, Keys's cubic with a = -1/2 (Keys 1981), and the sinc cut at 3. */
const filters: Readonly<Record<InferenceDescription['interpolation'], Filter>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (-3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Weights are whole numbers with this many bits of fraction, as in Pillow: 8 bits of pixel and 2 of headroom remain of 32. */
const WEIGHT_BITS = 32 - 8 - 2;
/** Rounds. */
const HALF = 1 << (WEIGHT_BITS - 1);

/** Along one axis: of which source pixels, from `start` on, each output pixel is the weighted sum. */
type Taps = readonly { readonly start: number; readonly weights: Int32Array }[];

/**
 * Pillow's `precompute_coeffs`. Output pixel i has its centre at c = (i + 1/2) s in the source, s = length / resized; source pixel k
 * weighs filter((k + 1/2 - c) / f), normalised to a sum of 1. With antialiasing f = max(s, 1), without f = 1.
 */
function axisTaps(
  { length, resized }: { readonly length: number; readonly resized: number },
  { first, count }: Shown,
  { interpolation, antialias }: InputDescription,
): Taps {
  const filter = filters[interpolation];
  const scale = length / resized;
  const filterScale = antialias ? Math.max(scale, 1) : 1;
  const support = filter.support * filterScale;
  return Array.from({ length: count }, (_, i) => {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(length, Math.trunc(center + support + 0.5));
    const exact = Array.from({ length: end - start }, (_, k) =>
      filter.weight((start + k - center + 0.5) * (1 / filterScale)),
    );
    const sum = exact.reduce((total, weight) => total + weight, 0);
    // Rounded to the nearest whole number, halves away from zero.
    const weights = Int32Array.from(exact, (weight) => {
      const value = (weight / sum) * 2 ** WEIGHT_BITS;
      return value < 0 ? value - 0.5 : value + 0.5;
    });
    return { start, weights };
  });
}

/**
 * Mixes the middle axis of bytes `[outer, length, inner]`, rounded and cut to bytes. Three sums at a time, the colours of a pixel, for one
 * reading of the weights; what they write beyond the axis is overwritten by what follows.
 */
function mix(
  source: Pixels['data'],
  { length, inner }: { readonly length: number; readonly inner: number },
  taps: Taps,
): Uint8ClampedArray {
  const outer = source.length / (length * inner);
  const target = new Uint8ClampedArray(outer * taps.length * inner);
  let to = 0;
  for (let row = 0; row < outer; row++) {
    for (const { start, weights } of taps) {
      const from = (row * length + start) * inner;
      for (let i = 0; i < inner; i += 3) {
        let red = HALF;
        let green = HALF;
        let blue = HALF;
        for (let k = 0, at = from + i; k < weights.length; k++, at += inner) {
          const weight = weights[k]!;
          red = (red + Math.imul(weight, source[at]!)) | 0;
          green = (green + Math.imul(weight, source[at + 1]!)) | 0;
          blue = (blue + Math.imul(weight, source[at + 2]!)) | 0;
        }
        target[to] = red >> WEIGHT_BITS;
        target[to + 1] = green >> WEIGHT_BITS;
        target[to + 2] = blue >> WEIGHT_BITS;
        to += Math.min(3, inner - i);
      }
    }
  }
  return target;
}

/** Output pixels along one axis that show the picture, from `at` on; `first` of them in the resized picture. */
interface Shown {
  readonly at: number;
  readonly first: number;
  readonly count: number;
}

/** The centre of an axis: half the difference rounded to even, as Python's `round`; where the picture is smaller, black on both sides. */
function centered(resized: number, wanted: number): Shown {
  const half = (resized - wanted) / 2;
  const floor = Math.floor(half);
  const even = half - floor === 0.5 && floor % 2 === 1 ? floor + 1 : floor;
  const offset = half < 0 ? Math.ceil(half) : even;
  const first = Math.max(0, offset);
  const at = first - offset;
  return { at, first, count: Math.min(resized - first, wanted - at) };
}

/**
 * The picture upright in the network's channels: alpha is dropped, grey is Pillow's `convert('L')` in its fixed point. EXIF's
 * orientation 1 to 8 stores an upright picture transposed, then mirrored along the stored axes.
 */
function upright(picture: Pixels, orientation: number, channels: 1 | 3) {
  const { data, width: storedWidth, height: storedHeight } = picture;
  const step = data.length / (storedWidth * storedHeight);
  const transposed = orientation >= 5;
  const [width, height] = transposed ? [storedHeight, storedWidth] : [storedWidth, storedHeight];
  if (orientation === 1 && step === channels) return { data, width, height };
  const mirrorColumns = [2, 3, 7, 8].includes(orientation);
  const mirrorRows = [3, 4, 6, 7].includes(orientation);
  const column = mirrorColumns ? -step : step;
  const row = storedWidth * (mirrorRows ? -step : step);
  const [right, down] = transposed ? [row, column] : [column, row];
  const first =
    (mirrorColumns ? -column * (storedWidth - 1) : 0) +
    (mirrorRows ? -row * (storedHeight - 1) : 0);
  const target = new Uint8Array(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = first + y * down; x < width; x++, at += right) {
      const red = data[at]!;
      const green = data[at + 1]!;
      const blue = data[at + 2]!;
      if (channels === 1) {
        target[to++] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
      } else {
        target[to++] = red;
        target[to++] = green;
        target[to++] = blue;
      }
    }
  }
  return { data: target, width, height };
}

/** Whether Pillow 13 begins with the vertical axis. */
const isVerticalFirst = (lostRows: number, lostColumns: number) =>
  lostRows > 0 && lostRows > 2 * lostColumns;

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
  const { imageSize, channels, evalResize, antialias } = description;
  const { data, width, height } = upright(picture, orientation, channels);
  const longer = Math.floor((evalResize * Math.max(height, width)) / Math.min(height, width));
  const [tall, wide] = height <= width ? [evalResize, longer] : [longer, evalResize];
  const rows = centered(tall, imageSize);
  const columns = centered(wide, imageSize);
  const rowTaps = axisTaps({ length: height, resized: tall }, rows, description);
  const columnTaps = axisTaps({ length: width, resized: wide }, columns, description);
  const byColumn = { length: width, inner: channels };
  let shown: Uint8ClampedArray;
  if (antialias && isVerticalFirst(height - tall, width - wide)) {
    shown = mix(
      mix(data, { length: height, inner: width * channels }, rowTaps),
      byColumn,
      columnTaps,
    );
  } else {
    // Only the rows that are mixed afterwards.
    const top = rowTaps[0]!.start;
    const { start, weights } = rowTaps.at(-1)!;
    const length = start + weights.length - top;
    const read = data.subarray(top * width * channels, (top + length) * width * channels);
    const below = rowTaps.map((tap) => ({ ...tap, start: tap.start - top }));
    const narrow = mix(read, byColumn, columnTaps);
    shown = mix(narrow, { length, inner: columns.count * channels }, below);
  }
  const target = new Uint8Array(imageSize * imageSize * channels);
  const bytes = columns.count * channels;
  for (let row = 0; row < rows.count; row++) {
    const to = ((rows.at + row) * imageSize + columns.at) * channels;
    target.set(shown.subarray(row * bytes, (row + 1) * bytes), to);
  }
  return target;
}
