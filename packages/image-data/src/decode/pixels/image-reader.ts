import {
  type AxisTaps,
  axisTaps,
  copyUpright,
  type Interpolation,
  isVerticalFirst,
  makeGray,
  type Resizer,
  resizeFilters,
  type Shown,
  shown,
  storedWindow,
  turnedSize,
  widen,
} from '@bag-of-tricks/image-resize';
import { type TensorFlowApi, TensorFlowError } from '@bag-of-tricks/libtensorflow/native';
import { BadImageError } from '../../bad-image-error.ts';
import type { Channels, StoredImage, StoredPixels } from '../../source.ts';
import type { ImageFormat, ImageHeader } from '../image-header.ts';
import type { ImageSize, Placement, Window } from '../placement.ts';
import { copyRow } from './channels.ts';
import { checkGif } from './check-gif.ts';
import { checkPng } from './check-png.ts';
import { type JpegRatio, type JpegRequest, NativeJpeg } from './native-jpeg.ts';
import { sharpPixels } from './sharp-pixels.ts';

/** Of what is decoded and resized, whatever the output has: grey is three equal channels on the way. */
const CHANNELS = 3;

export interface ReaderOptions {
  /** Of the output images. */
  readonly channels: Channels;
  /** Of placements that name none. */
  readonly interpolation: Interpolation;
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

interface BothTaps {
  readonly rows: AxisTaps;
  readonly columns: AxisTaps;
}

/** Where the taps' source begins in the image. */
type Origin = Pick<Window, 'top' | 'left'>;

/** Makes output images out of stored ones, one at a time. */
export class ImageReader {
  readonly #options: ReaderOptions;
  /** Null where sharp decodes JPEG too. */
  readonly #jpeg: NativeJpeg | null;
  readonly #resizer: Resizer;
  readonly #around: (decode: () => void) => void;

  /**
   * @param resizer - Outlives the reader: its memory is returned only when it is collected, which an idle thread may never do.
   * @param around - Runs what decodes a JPEG.
   */
  constructor(
    api: TensorFlowApi | null,
    resizer: Resizer,
    options: ReaderOptions,
    around: (decode: () => void) => void = (decode) => decode(),
  ) {
    this.#resizer = resizer;
    this.#around = around;
    this.#options = options;
    this.#jpeg = api && new NativeJpeg(api);
  }

  /**
   * Writes the output image to `target`, uint8 `[height, width, channels]`, which is black before.
   *
   * @throws BadImageError - if the image is damaged or cut short.
   */
  async read(task: ReadTask, size: ImageSize, target: Uint8Array): Promise<void> {
    const { resized, offset, flip } = task.placement;
    const { channels } = this.#options;
    const rows = shown(offset.top, resized.height, size.height);
    const columns = shown(offset.left, resized.width, size.width);
    if (rows.count === 0 || columns.count === 0) return;
    const pixels = await this.#resized(task, rows, columns);
    const left = flip ? size.width - columns.at - columns.count : columns.at;
    for (let row = 0; row < rows.count; row++) {
      const source = { pixels, at: row * columns.count * CHANNELS, channels: CHANNELS } as const;
      const at = ((rows.at + row) * size.width + left) * channels;
      copyRow(source, { pixels: target, at, channels }, columns.count);
    }
  }

  dispose(): void {
    this.#jpeg?.dispose();
  }

  async #resized(task: ReadTask, rows: Shown, columns: Shown): Promise<Uint8Array> {
    const { window, resized, flip } = task.placement;
    const { antialias } = this.#options;
    const filter = resizeFilters[task.placement.interpolation ?? this.#options.interpolation];
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
        filter,
      });
    };
    const rowTaps = axis(window.top, window.height, resized.height, rows, false);
    const columnTaps = axis(window.left, window.width, resized.width, columns, flip);
    const region = { top: Math.floor(window.top / ratio), left: Math.floor(window.left / ratio) };
    return this.#fillAndResize(task, region, { rows: rowTaps, columns: columnTaps }, ratio);
  }

  async #fillAndResize(
    { name, image, header, placement }: ReadTask,
    origin: Origin,
    needed: BothTaps,
    ratio: JpegRatio,
  ): Promise<Uint8Array> {
    const taps = header.format === 'jpeg' ? withNeighbours(needed, header, origin, ratio) : needed;
    const region = {
      top: origin.top + taps.rows.range.start,
      left: origin.left + taps.columns.range.start,
      height: taps.rows.range.length,
      width: taps.columns.range.length,
    };
    const toGray =
      this.#options.channels === 1 && !(image.kind === 'pixels' && image.channels === 1);
    const resize = (fill: (pixels: Uint8Array) => void) =>
      this.#resizer.resize({
        ...taps,
        verticalFirst:
          this.#options.antialias && isVerticalFirst(placement.window, placement.resized),
        fill: (pixels) => {
          fill(pixels);
          // Before it is resized, as Pillow's convert('L') behind its open.
          if (toGray) makeGray(pixels);
        },
      });
    if (image.kind === 'pixels') return resize((pixels) => copyWindow(image, region, pixels));
    const { bytes } = image;
    const { format, orientation } = header;
    const window = storedWindow(region, turnedSize(header, orientation), orientation);
    const decodesNatively = format === 'jpeg' && this.#jpeg !== null;
    const decodeJpeg = (pixels: Uint8Array) =>
      this.#decodeJpeg(name, { bytes, window, ratio }, pixels);
    if (decodesNatively && orientation === 1) return resize(decodeJpeg);
    let stored: Uint8Array;
    if (decodesNatively) {
      stored = new Uint8Array(window.height * window.width * CHANNELS);
      decodeJpeg(stored);
    } else {
      stored = await this.#decodeOther(name, format, bytes, window);
    }
    const { height, width } = window;
    const whole = { ...region, top: 0, left: 0 };
    return resize((pixels) =>
      copyUpright({ data: stored, height, width, channels: CHANNELS }, whole, orientation, pixels),
    );
  }

  #decodeJpeg(
    name: string,
    request: Omit<JpegRequest, 'fancyUpsampling'>,
    target: Uint8Array,
  ): void {
    const fancyUpsampling = this.#options.jpeg === 'exact';
    try {
      this.#around(() => this.#jpeg!.decode({ ...request, fancyUpsampling }, target));
    } catch (cause) {
      if (!(cause instanceof TensorFlowError) || cause.code !== 'INVALID_ARGUMENT') throw cause;
      throw new BadImageError(name, 'is a damaged or truncated JPEG', { cause });
    }
  }

  async #decodeOther(
    name: string,
    format: ImageFormat,
    bytes: Uint8Array,
    window: Window,
  ): Promise<Uint8Array> {
    try {
      if (format === 'png') checkPng(bytes);
      if (format === 'gif') checkGif(bytes);
      return await sharpPixels(bytes, window, this.#options.maxPixels);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new BadImageError(name, `cannot be decoded: ${reason}`, { cause });
    }
  }

  /** By how much a JPEG is shrunk while it is decoded: as far as the window stays large enough. */
  #ratio({ header, placement: { window, resized } }: ReadTask): JpegRatio {
    const { jpeg, antialias } = this.#options;
    // Without antialiasing it would average away the very aliasing that was asked for.
    if (jpeg === 'exact' || !antialias || !this.#jpeg) return 1;
    if (header.format !== 'jpeg' || header.orientation !== 1) return 1;
    const shrink = Math.min(window.height / resized.height, window.width / resized.width);
    return ([8, 4, 2] as const).find((ratio) => shrink >= ratio) ?? 1;
  }
}

/** libjpeg smooths colour across columns that are not decoded: one more on each side makes the others exact. */
function withNeighbours(
  { rows, columns }: BothTaps,
  header: ImageHeader,
  { top, left }: Origin,
  ratio: JpegRatio,
): BothTaps {
  return header.orientation < 5
    ? { rows, columns: widen(columns, left, Math.ceil(header.width / ratio)) }
    : { rows: widen(rows, top, header.height), columns };
}

function copyWindow(
  { pixels, width, channels = 3 }: StoredPixels,
  window: Window,
  target: Uint8Array,
): void {
  for (let row = 0; row < window.height; row++) {
    const at = ((window.top + row) * width + window.left) * channels;
    const to = { pixels: target, at: row * window.width * CHANNELS, channels: CHANNELS } as const;
    copyRow({ pixels, at, channels }, to, window.width);
  }
}
