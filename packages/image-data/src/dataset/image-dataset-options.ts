import type { Interpolation } from '@bag-of-tricks/image-resize';
import type { ImageBudgetOptions } from '../decode/header/image-budget.ts';
import type { JpegDecoder } from '../decode/image-decoder.ts';
import type { ImageSource } from '../source.ts';

/** Options of `imageDataset`. */
export interface ImageDatasetOptions extends ImageBudgetOptions {
  /** Images to train on; null where only the evaluation images are wanted. */
  readonly train: ImageSource | null;
  /** Images to evaluate on, with the same classes. */
  readonly eval: ImageSource;
  /** What messages call them. Default: the name of `eval`. */
  readonly name?: string | undefined;
  /** Height and width of the network's input in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for RGB; images of the other kind are converted. Default: 3. */
  readonly channels?: 1 | 3 | undefined;
  /** Pixel mean of each channel, on the scale 0..255. */
  readonly mean: readonly number[];
  /** Pixel deviation of each channel, on the scale 0..255. */
  readonly std: readonly number[];
  /** Shorter side in evaluation, before the centre crop. Default: `imageSize`. */
  readonly evalResize?: number | undefined;
  /** `random-resized` trains on a random part of a photograph, `pad` on a small image moved by a few pixels. Default: `random-resized`. */
  readonly crop?: 'random-resized' | 'pad' | undefined;
  /** Black pixels around the image of `pad`. Default: 4. */
  readonly cropPadding?: number | undefined;
  /** Mirror left-right with probability 0.5. Default: true. */
  readonly flip?: boolean | undefined;
  /** Brightness, contrast and saturation are scaled by 1 - amount to 1 + amount. Default: 0, off. */
  readonly colorJitter?: number | undefined;
  /** Standard deviation of the PCA noise. Default: 0, off. */
  readonly pcaNoise?: number | undefined;
  /** Use only so many training images, drawn by the seed. Default: null, all. */
  readonly limitSamples?: number | null | undefined;
  /**
   * The filter that resizes, as in timm: `random` draws bilinear or bicubic for each training image of `random-resized`, and is
   * bilinear elsewhere. Default: null, bilinear.
   */
  readonly interpolation?: Interpolation | 'random' | null | undefined;
  /** Average when shrinking, as Pillow does. Default: null, whether `interpolation` is given. */
  readonly antialias?: boolean | null | undefined;
  /** What decodes JPEG; `sharp` needs no library of TensorFlow. Default: `tensorflow`. */
  readonly jpegDecoder?: JpegDecoder | undefined;
  /** Turn images upright by their EXIF tag. Default: false. */
  readonly exifOrientation?: boolean | undefined;
  /** What an unusable image leads to. Default: `skip`, which fails beyond `maxBadFraction`. */
  readonly badImages?: 'fail' | 'skip' | undefined;
  /** Default: 0.001. */
  readonly maxBadFraction?: number | undefined;
  /** Threads that decode. Default: null, one a core. */
  readonly workers?: number | null | undefined;
  /** Memory for batches that wait. Default: 256. */
  readonly prefetchMegabytes?: number | undefined;
  /** Memory in which decoded images are kept from epoch to epoch, if all fit; 0 keeps none. Default: 1024. */
  readonly cacheMegabytes?: number | undefined;
  /** Which of `worldSize` processes this is. Default: 0. */
  readonly rank?: number | undefined;
  /** Processes that share an epoch. Default: 1. */
  readonly worldSize?: number | undefined;
}

/** @throws RangeError when the options do not fit each other. */
export function checkOptions({
  train,
  eval: evaluation,
  channels = 3,
  mean,
  std,
  colorJitter = 0,
  pcaNoise = 0,
}: ImageDatasetOptions): void {
  if (train && train.classNames.join('\n') !== evaluation.classNames.join('\n')) {
    throw new RangeError(
      `imageDataset: expected the same classes in ${train.name} and ${evaluation.name}, got ${train.classNames.length} and ${evaluation.classNames.length}, or in another order. Open the second with the classMap of the first.`,
    );
  }
  for (const [name, values] of Object.entries({ mean, std })) {
    const usable = values.every(
      (value) => Number.isFinite(value) && (name === 'mean' || value > 0),
    );
    if (values.length === channels && usable) continue;
    throw new RangeError(
      `imageDataset: expected ${name} to be ${channels} numbers${name === 'std' ? ' above 0' : ''}, one a channel, got [${values}].`,
    );
  }
  if (channels === 1 && (colorJitter > 0 || pcaNoise > 0)) {
    throw new RangeError(
      'imageDataset: expected no colorJitter and no pcaNoise for images of one channel. Leave them out.',
    );
  }
}
