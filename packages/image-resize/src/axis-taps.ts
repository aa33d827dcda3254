import { type ResizeFilter, resizeFilters } from './filters.ts';
import { PAIR_BYTES, WEIGHT_BITS, writeWeight } from './wasm-kernels.ts';

/** A weight of 1. A power in the inner loop would take most of its time. */
const UNIT = 2 ** WEIGHT_BITS;

/** Which source pixels make up each output row or column, and what they weigh. */
export interface AxisTaps {
  readonly count: number;
  /** For each output the first source pixel, relative to `range.start`. */
  readonly starts: Int32Array;
  /** For each output how many pairs of source pixels follow; the second of the last pair may weigh nothing. */
  readonly pairCounts: Int32Array;
  /** Whole numbers with `WEIGHT_BITS` of fraction, in parts (`writeWeight`), for each output as many pairs as the most have. */
  readonly weights: Int16Array;
  /** The part of the source that is read. */
  readonly range: { readonly start: number; readonly length: number };
}

export interface AxisOptions {
  /** Pixels of the source along this axis. */
  readonly source: number;
  /** The part of the source that is resized: its start and length, which may have fractions. */
  readonly box: { readonly start: number; readonly length: number };
  /** How many pixels the box becomes. */
  readonly resized: number;
  /** The first of them to compute, and how many. */
  readonly first: number;
  readonly count: number;
  /** Whether to compute them last to first. */
  readonly reversed: boolean;
  readonly antialias: boolean;
  /** Default: bilinear. */
  readonly filter?: ResizeFilter;
}

/**
 * The weights of a resize along one axis, as Pillow computes them (`precompute_coeffs`).
 *
 * Output pixel i has its centre at c = start + (i + 1/2) s in the source, s = length / resized; source pixel k,
 * with its centre at k + 1/2, weighs filter((k + 1/2 - c) / f), normalised to a sum of 1. With antialiasing
 * f = max(s, 1): all pixels count. Without, f = 1: the nearest count.
 */
export function axisTaps(options: AxisOptions): AxisTaps {
  const { source, box, resized, first, count, reversed, antialias } = options;
  const { filter = resizeFilters.bilinear } = options;
  const scale = box.length / resized;
  const filterScale = antialias ? Math.max(scale, 1) : 1;
  const support = filter.support * filterScale;
  const inverse = 1 / filterScale;
  // Half-open intervals of twice the support hold at most so many pixel centres, rounded up.
  const stride = Math.ceil(support) * (PAIR_BYTES / 2);
  const starts = new Int32Array(count);
  const pairCounts = new Int32Array(count);
  const weights = new Int16Array(count * stride);
  const exact = new Float64Array(Math.ceil(2 * support) + 1);
  let rangeStart = source;
  let rangeEnd = 0;
  for (let index = 0; index < count; index++) {
    const output = first + (reversed ? count - 1 - index : index);
    const center = box.start + (output + 0.5) * scale;
    let start = Math.max(0, Math.trunc(center - support + 0.5));
    let end = Math.min(source, Math.trunc(center + support + 0.5));
    const from = start;
    let sum = 0;
    for (let k = start; k < end; k++) {
      const weight = filter.weight((k - center + 0.5) * inverse);
      exact[k - from] = weight;
      sum += weight;
    }
    for (let k = 0; k < end - start; k++) exact[k] = awayFromZero((exact[k]! / sum) * UNIT);
    // A pixel at the very edge of the support weighs nothing and need not be decoded.
    while (exact[start - from] === 0) start++;
    while (exact[end - 1 - from] === 0) end--;
    for (let k = start; k < end; k++) {
      writeWeight(weights, index * stride, k - start, exact[k - from]!);
    }
    starts[index] = start;
    pairCounts[index] = (end - start + 1) >> 1;
    rangeStart = Math.min(rangeStart, start);
    rangeEnd = Math.max(rangeEnd, end);
  }
  for (let index = 0; index < count; index++) starts[index]! -= rangeStart;
  const range = { start: rangeStart, length: rangeEnd - rangeStart };
  return { count, starts, pairCounts, weights, range };
}

/** Rounded to the nearest whole number, halves away from zero. */
function awayFromZero(value: number): number {
  return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
}

/** The same taps on a source that reads one more pixel on each side, where the axis, `length` from -`origin`, has it. */
export function widen(taps: AxisTaps, origin: number, length: number): AxisTaps {
  const before = origin + taps.range.start > 0 ? 1 : 0;
  const end = taps.range.start + taps.range.length;
  const after = origin + end < length ? 1 : 0;
  return {
    ...taps,
    starts: taps.starts.map((start) => start + before),
    range: { start: taps.range.start - before, length: taps.range.length + before + after },
  };
}
