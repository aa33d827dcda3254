import { type TensorFlowApi, TensorFlowError } from '@bag-of-tricks/libtensorflow/native';
import { BadImageError } from '../../bad-image-error.ts';
import type { StoredImage } from '../../source.ts';
import type { ImageHeader } from '../image-header.ts';
import type { ImageSize, Placement } from '../placement.ts';
import { type AxisTaps, axisTaps, widen } from '../resize/axis-taps.ts';
import { Resizer } from '../resize/resizer.ts';
import { checkPng } from './check-png.ts';
import { type JpegRatio, NativeJpeg } from './native-jpeg.ts';
import { storedWindow, turnedSize, turnUpright } from './orientation.ts';
import { sharpPixels } from './sharp-pixels.ts';

const CHANNELS = 3;

export interface ReaderOptions {
  readonly size: ImageSize;
  readonly antialias: boolean;
  readonly jpeg: 'exact' | 'fast';
  readonly maxPixels: number;
}

export interface ReadTask {
  /** What errors call the image. */
  readonly name: string;
  readonly image: StoredImage;
  readonly header: ImageHeader;
  readonly placement: Placement;
}

/** Output pixels along one axis that show a part of the window; the others are black. */
interface Shown {
  readonly at: number;
  readonly count: number;
  /** The first of them in the resized window. */
  readonly first: number;
}

/** Makes output images out of stored ones, one at a time. */
export class ImageReader {
  readonly #options: ReaderOptions;
  readonly #jpeg: NativeJpeg;
  readonly #resizer = new Resizer();

  constructor(api: TensorFlowApi, options: ReaderOptions) {
    this.#options = options;
    this.#jpeg = new NativeJpeg(api);
  }

  /**
   * Writes the output image to `target`, uint8 `[height, width, 3]`, which is black before.
   *
   * @throws BadImageError - if the image is damaged or cut short.
   */
  async read(task: ReadTask, target: Uint8Array): Promise<void> {
    const { resized, offset, flip } = task.placement;
    const { size } = this.#options;
    const rows = shown(offset.top, resized.height, size.height);
    const columns = shown(offset.left, resized.width, size.width);
    if (rows.count === 0 || columns.count === 0) return;
    const pixels = await this.#resized(task, rows, columns);
    const left = flip ? size.width - columns.at - columns.count : columns.at;
    const rowBytes = columns.count * CHANNELS;
    for (let row = 0; row < rows.count; row++) {
      const at = ((rows.at + row) * size.width + left) * CHANNELS;
      target.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), at);
    }
  }

  dispose(): void {
    this.#jpeg.dispose();
  }

  async #resized(task: ReadTask, rows: Shown, columns: Shown): Promise<Uint8Array> {
    const { window, resized, flip } = task.placement;
    const { antialias } = this.#options;
    const ratio = this.#ratio(task);
    const axis = (start: number, length: number, to: number, part: Shown, reversed: boolean) => {
      const origin = Math.floor(start / ratio);
      return axisTaps({
        source: Math.ceil((start + length) / ratio) - origin,
        box: { start: start / ratio - origin, length: length / ratio },
        resized: to,
        first: part.first,
        count: part.count,
        reversed,
        antialias,
      });
    };
    const rowTaps = axis(window.top, window.height, resized.height, rows, false);
    const columnTaps = axis(window.left, window.width, resized.width, columns, flip);
    const region = { top: Math.floor(window.top / ratio), left: Math.floor(window.left / ratio) };
    return this.#fillAndResize(task, region, rowTaps, columnTaps, ratio);
  }

  async #fillAndResize(
    { name, image, header }: ReadTask,
    origin: { readonly top: number; readonly left: number },
    rows: AxisTaps,
    columns: AxisTaps,
    ratio: JpegRatio,
  ): Promise<Uint8Array> {
    // libjpeg smooths colour across columns that are not decoded: one more on each side makes the others exact.
    if (header.format === 'jpeg' && header.orientation < 5) {
      columns = widen(columns, origin.left, Math.ceil(header.width / ratio));
    } else if (header.format === 'jpeg') {
      rows = widen(rows, origin.top, header.height);
    }
    const region = {
      top: origin.top + rows.range.start,
      left: origin.left + columns.range.start,
      height: rows.range.length,
      width: columns.range.length,
    };
    const resize = (fill: (pixels: Uint8Array) => void) =>
      this.#resizer.resize({ fill, rows, columns });
    if (image.kind === 'pixels') {
      return resize((pixels) => copyWindow(image.pixels, image.width, region, pixels));
    }
    const { bytes } = image;
    const { orientation } = header;
    const stored = storedWindow(region, turnedSize(header, orientation), orientation);
    const fancyUpsampling = this.#options.jpeg === 'exact';
    const decode = (pixels: Uint8Array) => {
      try {
        this.#jpeg.decode({ bytes, window: stored, ratio, fancyUpsampling }, pixels);
      } catch (cause) {
        if (!(cause instanceof TensorFlowError) || cause.code !== 'INVALID_ARGUMENT') throw cause;
        throw new BadImageError(name, 'is a damaged or truncated JPEG', { cause });
      }
    };
    if (header.format === 'jpeg' && orientation === 1) return resize(decode);
    let decoded: Uint8Array;
    if (header.format === 'jpeg') {
      decoded = new Uint8Array(stored.height * stored.width * CHANNELS);
      decode(decoded);
    } else {
      try {
        if (header.format === 'png') checkPng(bytes);
        decoded = await sharpPixels(bytes, stored, this.#options.maxPixels);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new BadImageError(name, `cannot be decoded: ${reason}`, { cause });
      }
    }
    return resize((pixels) => turnUpright(decoded, region, orientation, pixels));
  }

  /** By how much a JPEG is shrunk while it is decoded: as far as the window stays large enough. */
  #ratio({ header, placement: { window, resized } }: ReadTask): JpegRatio {
    const { jpeg, antialias } = this.#options;
    // Without antialiasing it would average away the very aliasing that was asked for.
    if (jpeg === 'exact' || !antialias) return 1;
    if (header.format !== 'jpeg' || header.orientation !== 1) return 1;
    const shrink = Math.min(window.height / resized.height, window.width / resized.width);
    return ([8, 4, 2] as const).find((ratio) => shrink >= ratio) ?? 1;
  }
}

function shown(offset: number, resized: number, size: number): Shown {
  const first = Math.max(0, offset);
  const at = first - offset;
  return { at, first, count: Math.max(0, Math.min(resized - first, size - at)) };
}

function copyWindow(
  source: Uint8Array,
  width: number,
  window: { top: number; left: number; height: number; width: number },
  target: Uint8Array,
): void {
  const rowBytes = window.width * CHANNELS;
  for (let row = 0; row < window.height; row++) {
    const from = ((window.top + row) * width + window.left) * CHANNELS;
    target.set(source.subarray(from, from + rowBytes), row * rowBytes);
  }
}
