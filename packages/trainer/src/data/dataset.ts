import type { AugmentImage, SkippedImage } from '@bag-of-tricks/image-data';
import type * as tf from '@tensorflow/tfjs-core';

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

/** One step's worth of images, augmented, still uint8. */
export interface Batch {
  /** `[rows, height, width, channels]`. */
  readonly images: Uint8Array;
  /** Class of each row, `[rows]`; -1 where the row holds no image, which happens in evaluation only. */
  readonly labels: Int32Array;
  /** Rows that hold an image. */
  readonly size: number;
  /** `[height, width, channels]` of these images. Default: the dataset's. */
  readonly imageShape?: readonly [height: number, width: number, channels: number];
  /** What was drawn for the colours of each row, `[rows, columns]`; in training only, where the dataset varies colours. */
  readonly colors?: Float32Array;
}

/** The part of the augmentation that runs on the device, within the training step. */
export interface ColorVariation {
  /** Numbers a row of `Batch.colors`. */
  readonly columns: number;
  /** float32 pixels on the scale 0..255 in and out, `[rows, height, width, channels]`, with `colors` `[rows, columns]`. */
  apply(images: tf.Tensor4D, colors: tf.Tensor2D): tf.Tensor4D;
}

/** What a trick may change of an epoch's images. */
export type EpochData = Pick<EpochPart, 'imageSize' | 'augment'>;

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

/** An opened labelled image collection: what `imageDataset` makes of image sources, or an object of one's own. */
export interface Dataset extends ImageTraits {
  /** Training images that the run uses. */
  readonly trainSize: number;
  readonly evalSize: number;
  /** Null where colours stay as they are. */
  readonly colorVariation: ColorVariation | null;
  /** Batches of one epoch, in an order and with crops that depend only on the seed, the epoch and the place in it. */
  trainBatches(part: EpochPart, options?: LoadOptions): Batches;
  /** All evaluation images in order. */
  evalBatches(part: EvalPart, options?: LoadOptions): Batches;
  close(): Promise<void>;
}
