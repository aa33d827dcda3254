import type { AugmentImage } from '../loader/augment-batch.ts';
import type { SkippedImage } from '../loader/bad-images.ts';
import type { Batch } from '../loader/batch.ts';
import type { ListedFile } from '../source.ts';
import type { ColorTransform } from '../transforms/color/color-variation.ts';

/** What a network must know of a collection of images. */
export interface ImageTraits {
  readonly name: string;
  /** `[height, width, channels]` of every evaluation image, and of training images unless an epoch names another size. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classNames: readonly string[];
  /** Per-channel mean of the training pixels, on the scale 0..255. */
  readonly mean: readonly number[];
  /** Per-channel standard deviation of the training pixels, on the scale 0..255. */
  readonly std: readonly number[];
}

/** The part of an epoch that is still to be trained on, and how its batches are made. */
export interface EpochPart {
  readonly epoch: number;
  /** Step of the epoch to begin with; a resumed run passes the one that it stopped at. */
  readonly firstStep: number;
  readonly stepsPerEpoch: number;
  /** Images a step and process. */
  readonly batchSize: number;
  /** Seed of the order, the crops and all else that is drawn for an image. */
  readonly seed: number;
  /** Height and width of this epoch's images. Default: the dataset's. */
  readonly imageSize?: number | undefined;
  /** Change each image one after the other, such as `randAugment` with its settings. Default: none. */
  readonly augment?: readonly AugmentImage[] | undefined;
}

/** What goes with either kind of iteration. */
export interface LoadOptions {
  /** When aborted, loading stops and the iteration ends early. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each image that cannot be used and is left out. */
  readonly onBadImage?: ((skipped: SkippedImage) => void) | undefined;
}

/** Which evaluation this is. */
export interface EvalPart {
  readonly batchSize: number;
  /** Epoch that bad images are reported with. */
  readonly epoch: number;
}

/** Batches that are there already, or that are loaded as they are asked for. */
export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/** A file of one of the two splits. */
export interface DatasetFile extends ListedFile {
  readonly split: 'train' | 'eval';
}

/** An opened labelled image collection: what `imageDataset` makes of image sources, or an object of one's own. */
export interface Dataset extends ImageTraits {
  /** Training images that the run uses. */
  readonly trainSize: number;
  readonly evalSize: number;
  /** Processes that share an epoch's images; an epoch is so many times shorter. Default: 1. */
  readonly worldSize?: number;
  /** Null where colours stay as they are. */
  readonly colorVariation: ColorTransform | null;
  /**
   * Batches of one epoch, in an order and with crops that depend only on the seed, the epoch and the place in it. The next
   * one may be asked for while a step still uses the last one, so none may be written over.
   */
  trainBatches(part: EpochPart, options?: LoadOptions): Batches;
  /** All evaluation images in order. */
  evalBatches(part: EvalPart, options?: LoadOptions): Batches;
  /** The training images that the run uses once, in order, as evaluation sees them: neither shuffled nor augmented. */
  plainBatches?(part: EvalPart & { readonly seed: number }, options?: LoadOptions): Batches;
  /** Bytes of memory that decoded images will take, kept from epoch to epoch; an estimate. Default: none are kept. */
  cacheBytes?(): Promise<number>;
  /** Of images of one's own: another string when they are others, so that a run does not go on with them unseen. */
  readonly fingerprint?: string;
  /** The files behind the images, some at a time, which tell one collection from another without reading it. */
  files?(): AsyncIterable<readonly DatasetFile[]>;
  /** Where training image `index` comes from; batches may say of each row, in `indices`, which one it holds. */
  describe?(index: number): string;
  /** The same of evaluation images. */
  describeEval?(index: number): string;
  close(): Promise<void>;
}
