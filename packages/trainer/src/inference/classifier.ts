import {
  type ClassProbability,
  type InferenceDescription,
  topClasses,
} from '@bag-of-tricks/classifier';
import {
  BadImageError,
  type Batch,
  type ImageSource,
  imageFiles,
  type SkippedImage,
} from '@bag-of-tricks/image-data';
import { jpegDecoderOn } from '../backend.ts';
import { type DecodeLimits, inferenceImages } from './description.ts';
import { type ModelOptions, type OpenedModel, openModel } from './open-model.ts';
import { openScorer } from './open-scorer.ts';
import { paddedRows } from './padded-rows.ts';

/** Options of `loadClassifier`. */
export interface ClassifierOptions extends ModelOptions, Pick<DecodeLimits, 'workers'> {
  /** Most images that go through the network at once. Default: 32. */
  readonly batchSize?: number;
}

/** How many classes are wanted of an image. */
export interface TopOptions {
  /** Default: 5; all where there are fewer. */
  readonly top?: number;
}

/** An image that is left out, and why. */
export type UnusableImage = Omit<SkippedImage, 'epoch'>;

/** What goes with the images of a source. */
export interface ClassifySourceOptions extends TopOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for each image that cannot be used and is left out. */
  readonly onBadImage?: (skipped: UnusableImage) => void;
}

/** An image of a source with its most probable classes. */
export interface Classified {
  /** Place in the source. */
  readonly index: number;
  readonly top: readonly ClassProbability[];
}

/** A trained network that says what is on a picture. Calls may overlap. */
export interface Classifier {
  readonly description: InferenceDescription;
  /** The folder or file that the weights are from. */
  readonly source: string;
  /** The most probable classes of an encoded image, or of a file; rejects with `BadImageError` when it cannot be used. */
  classify(image: Uint8Array | string, options?: TopOptions): Promise<readonly ClassProbability[]>;
  /** The same of many images, in their order; with `onBadImage`, those that cannot be used are null. */
  classifyBatch(
    images: readonly (Uint8Array | string)[],
    options?: ClassifySourceOptions,
  ): Promise<readonly (readonly ClassProbability[] | null)[]>;
  /** Batch after batch of a source, which is then closed; ends early when the signal is aborted. */
  classifySource(source: ImageSource, options?: ClassifySourceOptions): AsyncIterable<Classified[]>;
  /** Frees network and graph; calls that are under way fail, and all later ones. */
  dispose(): Promise<void>;
}

/**
 * Loads a network with its weights, of a run or a checkpoint those that scored best, and all that belongs to its predictions: resize
 * and crop as in evaluation, mean and deviation, the names of the classes. Probabilities are the softmax of the logits.
 *
 * @param path A run folder, a checkpoint, a `.safetensors` file whose name or `config.json` says the network, a folder with one, or `hf:owner/name`.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { thumbnail } from '@bag-of-tricks/image-data';
 * import { loadClassifier, train } from '@bag-of-tricks/trainer';
 *
 * const { runFolder } = await train({
 *   model: 'resnet20d',
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *   epochs: 6,
 *   batchSize: 16,
 * });
 * const jpeg = await thumbnail({ kind: 'pixels', pixels: new Uint8Array(12 * 12 * 3), height: 12, width: 12 });
 * const classifier = await loadClassifier(runFolder);
 * const [first] = await classifier.classify(jpeg, { top: 1 }); // or the path of a file
 * console.log(first?.name, first?.probability);
 * await classifier.dispose();
 * ```
 *
 * @throws Error when there is nothing, it is damaged, or it is of another network.
 */
export async function loadClassifier(
  path: string,
  { batchSize = 32, workers, ...options }: ClassifierOptions = {},
): Promise<Classifier> {
  const model = await openModel(path, options);
  const free = () => {
    if (!options.network) model.network.dispose();
  };
  try {
    const { dispose: close, classifySource } = await sourceClassifier(model, {
      batchSize,
      workers,
    });
    const { description, source } = model;
    const dispose = () => close().finally(free);
    return { description, source, classifySource, dispose, ...fileClassifier(classifySource) };
  } catch (error) {
    free();
    throw error;
  }
}

type ClassifySource = (
  source: ImageSource,
  options?: ClassifySourceOptions,
) => AsyncGenerator<Classified[], void, undefined>;

async function sourceClassifier(
  { description, network, source: path, scoring, limits, backend }: OpenedModel,
  { batchSize, workers }: Required<Pick<ClassifierOptions, 'batchSize'>> & DecodeLimits,
) {
  const { classNames, imageSize, channels } = description;
  const imageShape = [imageSize, imageSize, channels] as const;
  const classes = classNames.length;
  const scorer = await openScorer(network, { ...description, name: path, imageShape }, scoring);

  let isDisposed = false;
  const checkOpen = () => {
    if (isDisposed) throw new Error('classify: this classifier was disposed. Load it again');
  };
  const dispose = () => {
    isDisposed = true;
    return scorer.dispose();
  };

  const classified = async (batch: Batch, count: number): Promise<Classified[]> => {
    checkOpen();
    const { rows, indices } = paddedRows(batch, imageShape, batchSize);
    const { probabilities } = await scorer.evaluate(rows);
    return indices.map((index, row) => {
      const own = probabilities.subarray(row * classes, (row + 1) * classes);
      if (own.every(Number.isFinite)) return { index, top: topClasses(own, { count, classNames }) };
      throw new Error(
        `classify: expected finite probabilities, got NaN: weights or running statistics of ${path} are not finite. Use others`,
      );
    });
  };

  const classifySource: ClassifySource = async function* (
    source,
    { top = 5, signal, onBadImage } = {},
  ) {
    checkOpen();
    checkTop(top);
    const onSkip =
      onBadImage && (({ image, reason }: SkippedImage) => onBadImage({ image, reason }));
    const jpegDecoder = jpegDecoderOn(backend);
    const decoding = { ...limits, workers, jpegDecoder };
    const images = await inferenceImages(description, source, decoding);
    try {
      const batches = images.evalBatches({ batchSize, epoch: 0 }, { signal, onBadImage: onSkip });
      for await (const batch of batches) {
        if (batch.size > 0) yield await classified(batch, top);
        if (signal?.aborted) return;
      }
    } finally {
      await images.close();
    }
  };
  return { dispose, classifySource };
}

/** `classify` and `classifyBatch`, which gather what comes of a source. */
function fileClassifier(
  classifySource: ClassifySource,
): Pick<Classifier, 'classify' | 'classifyBatch'> {
  const classifyBatch: Classifier['classifyBatch'] = async (
    images,
    { onBadImage = refuse, ...options } = {},
  ) => {
    const files = images.map((one) => (typeof one === 'string' ? one : { bytes: one }));
    const tops: (readonly ClassProbability[] | null)[] = images.map(() => null);
    const batches = classifySource(imageFiles(files), { ...options, onBadImage });
    for await (const batch of batches) for (const { index, top } of batch) tops[index] = top;
    return tops;
  };
  return {
    classifyBatch,
    classify: async (image, options) => (await classifyBatch([image], options))[0]!,
  };
}

function refuse({ image, reason }: UnusableImage): never {
  throw new BadImageError(image, reason);
}

function checkTop(top: number): void {
  if (Number.isInteger(top) && top >= 1) return;
  throw new RangeError(`classify: expected top to be a whole number above 0, got ${top}.`);
}
