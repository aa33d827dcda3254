import {
  BadImageError,
  type Batch,
  type ImageSource,
  imageFiles,
  type SkippedImage,
} from '@bag-of-tricks/image-data';
import type { Network, Trick } from '@bag-of-tricks/train-step';
import { openBackend } from '../backend.ts';
import { loadNetwork, openCheckpoint } from '../checkpoint/load.ts';
import { withPlugins } from '../config/known-tricks.ts';
import {
  type DecodeLimits,
  describeInference,
  type InferenceDescription,
  inferenceImages,
} from './description.ts';
import { openScorer } from './open-scorer.ts';
import { paddedRows } from './padded-rows.ts';
import { type ClassProbability, topClasses } from './top-k.ts';

/** Options of `loadClassifier`. */
export interface ClassifierOptions extends Pick<DecodeLimits, 'workers'> {
  /** Which checkpoint of a run folder. Default: `best`. */
  readonly link?: 'best' | 'last';
  /** Most images that go through the network at once. Default: 32. */
  readonly batchSize?: number;
  /** The network of a run that was given one. Default: the one that the checkpoint names. */
  readonly network?: Network;
  /** Tricks of other packages that the run has. */
  readonly plugins?: readonly Trick[];
  /** Called with a line of text during long preparations. */
  readonly onProgress?: (message: string) => void;
  /** Ends the preparations. */
  readonly signal?: AbortSignal;
}

/** How many classes are wanted of an image. */
export interface TopOptions {
  /** Default: 5; all where there are fewer. */
  readonly top?: number;
}

/** What goes with the images of a source. */
export interface ClassifySourceOptions extends TopOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for each image that cannot be used and is left out. */
  readonly onBadImage?: (skipped: SkippedImage) => void;
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
  /** The folder that the weights are from. */
  readonly checkpoint: string;
  /** The most probable classes of an encoded image, or of a file; rejects with `BadImageError` when it cannot be used. */
  classify(image: Uint8Array | string, options?: TopOptions): Promise<readonly ClassProbability[]>;
  /** The same of many images, in their order; with `onBadImage`, those that cannot be used are null. */
  classifyBatch(
    images: readonly (Uint8Array | string)[],
    options?: ClassifySourceOptions,
  ): Promise<readonly (readonly ClassProbability[] | null)[]>;
  /** Batch after batch of a source, which is then closed; ends early when the signal is aborted. */
  classifySource(source: ImageSource, options?: ClassifySourceOptions): AsyncIterable<Classified[]>;
  /** Frees network and graph; waits for what is under way. */
  dispose(): Promise<void>;
}

/**
 * Loads the network of a run folder or a checkpoint, with the weights that scored best, and all that belongs to its predictions:
 * resize and crop as in evaluation, mean and deviation, the names of the classes. Probabilities are the softmax of the logits.
 *
 * @example
 * ```ts no-run
 * import { loadClassifier } from '@bag-of-tricks/trainer';
 *
 * const classifier = await loadClassifier('output/train/20261125-101500-resnet50d-224');
 * const [first] = await classifier.classify('cat.jpg', { top: 1 });
 * console.log(first?.name, first?.probability); // tabby 0.93
 * await classifier.dispose();
 * ```
 *
 * @throws Error when there is no checkpoint, it is damaged, or it is another network's.
 */
export async function loadClassifier(
  path: string,
  {
    link = 'best',
    batchSize = 32,
    network: own,
    plugins,
    onProgress = () => {},
    workers,
    signal,
  }: ClassifierOptions = {},
): Promise<Classifier> {
  const known = withPlugins(plugins);
  const opened = await openCheckpoint(path, link, known);
  const { config } = opened.state;
  const description = describeInference(opened.state);
  const { classNames, imageSize, channels, mean, std } = description;
  await openBackend(onProgress, signal);
  const network = await loadNetwork(opened, known, own);
  const imageShape = [imageSize, imageSize, channels] as const;
  const traits = { name: path, imageShape, classNames, mean, std };
  const free = () => own ?? network.dispose();
  const scorer = await openScorer(network, traits, { config, known }).catch((error) => {
    free();
    throw error;
  });

  const classified = async (batch: Batch, count: number): Promise<Classified[]> => {
    const { rows, indices } = paddedRows(batch, imageShape, batchSize);
    const { probabilities } = await scorer.evaluate(rows);
    return indices.map((index, row) => {
      const own = probabilities.subarray(row * classNames.length, (row + 1) * classNames.length);
      if (!own.every(Number.isFinite)) {
        throw new Error(
          `loadClassifier: expected finite probabilities, got NaN: weights or running statistics of ${opened.folder} are not finite. Use an earlier checkpoint`,
        );
      }
      return { index, top: topClasses(own, { count, classNames }) };
    });
  };

  const { maxImageBytes, maxScanPixels } = config.input;
  const limits = { workers, maxImageBytes, maxScanPixels };
  async function* classifySource(
    source: ImageSource,
    { top = 5, signal, onBadImage }: ClassifySourceOptions = {},
  ): AsyncGenerator<Classified[], void, undefined> {
    checkTop(top);
    const images = await inferenceImages(description, source, limits);
    try {
      const batches = images.evalBatches({ batchSize, epoch: 0 }, { signal, onBadImage });
      for await (const batch of batches) {
        if (batch.size > 0) yield await classified(batch, top);
        if (signal?.aborted) return;
      }
    } finally {
      await images.close();
    }
  }

  const classifier: Classifier = {
    description,
    checkpoint: opened.folder,
    classifySource,
    async classify(image, options) {
      const [top] = await classifier.classifyBatch([image], options);
      return top!;
    },
    async classifyBatch(images, { onBadImage = refuse, ...options } = {}) {
      const files = images.map((one) => (typeof one === 'string' ? one : { bytes: one }));
      const tops: (readonly ClassProbability[] | null)[] = images.map(() => null);
      if (images.length === 0) return tops;
      const batches = classifySource(imageFiles(files), { ...options, onBadImage });
      for await (const batch of batches) for (const { index, top } of batch) tops[index] = top;
      return tops;
    },
    async dispose() {
      await scorer.dispose();
      free();
    },
  };
  return classifier;
}

function refuse({ image, reason }: SkippedImage): never {
  throw new BadImageError(image, reason);
}

function checkTop(top: number): void {
  if (Number.isInteger(top) && top >= 1) return;
  throw new RangeError(`classify: expected top to be a whole number above 0, got ${top}.`);
}
