import { ready } from '@tensorflow/tfjs-core';
import { atOnce } from './at-once.ts';
import { BadImageError } from './bad-image-error.ts';
import type { ClassifierFile } from './model/description.ts';
import { openExport } from './model/export-files.ts';
import { type LoadProgress, loadModel } from './model/load-model.ts';
import { type Output, openScorer, type Scorer } from './model/scorer.ts';
import type { DecodePicture } from './picture/decode.ts';
import { type Picture, pictureReader, type ReadPicture } from './picture/read-picture.ts';
import { type ClassProbability, topClasses } from './top-k.ts';

/** Options of `loadClassifier`. */
export interface ClassifierOptions {
  /** Called as the weights come. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Whether a browser keeps the weights in its Cache Storage for the next time, and for times without a network. Default: true. */
  readonly cache?: boolean;
  /** Most pictures that go through the network at once. Default: 32. */
  readonly batchSize?: number;
  /** Most pictures that are decoded side by side: a large one takes hundreds of megabytes. Default: 4. */
  readonly readAtOnce?: number;
  /** Most pixels of a picture, height times width. Default: 178,956,970, which is evaluation's. */
  readonly maxPixels?: number;
  /** Decodes pictures in the place of the browser, image-data or sharp. */
  readonly decode?: DecodePicture;
  /**
   * Whether the network is compiled to one native graph where `@bag-of-tricks/libtensorflow` is the backend and `@bag-of-tricks/graph` is
   * installed, which is several times as fast; then it stays on that backend. Default: true.
   */
  readonly compile?: boolean;
}

/** How many classes are wanted of a picture. */
export interface TopOptions {
  /** Default: 5; all where there are fewer. */
  readonly top?: number;
}

/** What goes with many pictures. */
export interface BatchOptions extends TopOptions {
  /** Called for each picture that cannot be used, whose place is then null. Default: the first of them rejects. */
  readonly onBadImage?: (error: BadImageError, index: number) => void;
  /** What errors call a picture. Default: `image 0`, `image 1`, ... */
  readonly describe?: (index: number) => string;
}

/** A network that says what is on a picture. Calls may overlap. */
export interface Classifier extends Omit<ClassifierFile, 'model'> {
  /** The most probable classes; rejects with `BadImageError` when the picture cannot be used. */
  classify(picture: Picture, options?: TopOptions): Promise<readonly ClassProbability[]>;
  /** The same of many pictures, in their order. */
  classifyBatch(
    pictures: readonly Picture[],
    options?: BatchOptions,
  ): Promise<readonly (readonly ClassProbability[] | null)[]>;
  /** What the network's last layer decides by, such as 1280 numbers: another last layer can be trained on them. */
  features(picture: Picture): Promise<Float32Array>;
  /** Runs the network on a black picture, so that the first one of a user need not wait until the backend is ready. */
  warmUp(): Promise<void>;
  /** Frees the network; calls that still wait for it fail. */
  dispose(): void;
}

/**
 * Loads a network that was exported for TensorFlow.js, with all that belongs to its predictions. It runs on the backend that is set, in
 * Node, browsers and workers, and says the same everywhere: pictures are resized and cropped here, as in the evaluation of the training,
 * bit for bit.
 *
 * @param folderOrUrl The folder of the export, in Node, or its URL, in a page also a relative one.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { loadClassifier } from '@bag-of-tricks/classifier';
 * import '@tensorflow/tfjs-backend-cpu';
 *
 * const classifier = await loadClassifier('exported');
 * const [first] = await classifier.classify(await readFile('cat.jpg'), { top: 1 });
 * console.log(first?.name, first?.probability);
 * classifier.dispose();
 * ```
 *
 * @throws Error - when there is no backend or no export, or the export is damaged or not what it says.
 */
export async function loadClassifier(
  folderOrUrl: string | URL,
  {
    onProgress = () => {},
    cache = true,
    batchSize = 32,
    readAtOnce = 4,
    maxPixels = 178_956_970,
    decode,
    compile = true,
  }: ClassifierOptions = {},
): Promise<Classifier> {
  requireCount('loadClassifier', 'batchSize', batchSize);
  requireCount('loadClassifier', 'readAtOnce', readAtOnce);
  requireCount('loadClassifier', 'maxPixels', maxPixels);
  await ready().catch((cause) => {
    throw new Error(
      'loadClassifier: expected a backend of TensorFlow.js, got none. Import one, such as @tensorflow/tfjs-backend-wasm, and await tf.setBackend',
      { cause },
    );
  });
  const { file, graph } = await loadModel(await openExport(folderOrUrl, { cache }), onProgress);
  const { imageSize, channels, exifOrientation } = file.description;
  const read = pictureReader(file.description, { exifOrientation, maxPixels, decode });
  const inputShape = [imageSize, imageSize, channels] as const;
  const { features } = (graph.metadata ?? {}) as { readonly features?: unknown };
  const nodes = {
    probabilities: graph.outputNodes[0]!,
    ...(typeof features === 'string' && { features }),
  };
  const scorer = await openScorer(graph, { nodes, inputShape, compile });
  const hasFeatures = 'features' in nodes;
  return openClassifier(file, scorer, { read, batchSize, readAtOnce, hasFeatures });
}

interface OpenOptions {
  readonly read: ReadPicture;
  readonly batchSize: number;
  readonly readAtOnce: number;
  readonly hasFeatures: boolean;
}

function openClassifier(
  file: ClassifierFile,
  scorer: Scorer,
  { read, batchSize, readAtOnce, hasFeatures }: OpenOptions,
): Classifier {
  const { model: _, ...about } = file;
  const { imageSize, channels, classNames } = about.description;
  let disposed = false;
  const checkOpen = () => {
    if (!disposed) return;
    throw new Error(
      'classify: expected a classifier in use, got one that was disposed. Await what is under way before dispose',
    );
  };
  const run = async (inputs: readonly Uint8Array[], output: Output) => {
    checkOpen();
    return rowsOf(scorer, inputs, output);
  };
  const scores = async (inputs: readonly Uint8Array[]) => {
    const rows = await run(inputs, 'probabilities');
    if (rows[0]!.length === classNames.length) return rows;
    throw new Error(
      `classify: expected ${classNames.length} probabilities a picture, got ${rows[0]!.length}. Export the model again`,
    );
  };

  const classifyBatch: Classifier['classifyBatch'] = async (
    pictures,
    { top: count = 5, onBadImage, describe = (index: number) => `image ${index}` } = {},
  ) => {
    requireCount('classify', 'top', count);
    if (!Array.isArray(pictures)) {
      throw new TypeError(
        `classifyBatch: expected an array of pictures, got ${nameOf(pictures)}. Give [...pictures], or one picture to classify`,
      );
    }
    const tops: (readonly ClassProbability[] | null)[] = pictures.map(() => null);
    const inputOf = async (picture: Picture, index: number) => {
      checkOpen();
      try {
        return [{ index, input: await read(picture, describe(index)) }];
      } catch (error) {
        if (!(error instanceof BadImageError) || !onBadImage) throw error;
        onBadImage(error, index);
        return [];
      }
    };
    const batches = parts([...pictures.entries()], batchSize);
    const readBatch = (at: number) =>
      atOnce(batches[at] ?? [], readAtOnce, ([i, picture]) => inputOf(picture, i));
    let reading = readBatch(0);
    for (let at = 0; at < batches.length; at++) {
      const inputs = (await reading).flat();
      // While the network computes.
      reading = readBatch(at + 1);
      // It is waited for later, or never after another error.
      reading.catch(() => {});
      if (inputs.length === 0) continue;
      const rows = await scores(inputs.map(({ input }) => input));
      inputs.forEach(({ index }, i) => {
        tops[index] = topClasses(rows[i]!, { count, classNames });
      });
    }
    return tops;
  };

  return {
    ...about,
    classifyBatch,
    async features(picture) {
      if (hasFeatures) return (await run([await read(picture, 'image 0')], 'features'))[0]!;
      throw new Error(
        'features: expected an export whose model.json names the features, got one that does not. Export a network that ends in a dense layer',
      );
    },
    classify: async (picture, options) => (await classifyBatch([picture], options))[0]!,
    async warmUp() {
      await scores([new Uint8Array(imageSize * imageSize * channels)]);
    },
    dispose() {
      if (!disposed) scorer.dispose();
      disposed = true;
    },
  };
}

const parts = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );

/** The network's output for each of some inputs. */
async function rowsOf(
  scorer: Scorer,
  inputs: readonly Uint8Array[],
  output: Output,
): Promise<Float32Array[]> {
  const size = inputs[0]!.length;
  const images = new Float32Array(inputs.length * size);
  inputs.forEach((input, i) => {
    images.set(input, i * size);
  });
  const values = await scorer.run(images, inputs.length, output);
  const each = values.length / inputs.length;
  if (values.every(Number.isFinite)) {
    return inputs.map((_, i) => values.subarray(i * each, (i + 1) * each));
  }
  throw new Error(
    `classify: expected ${each} finite ${output} a picture, got NaN. Export the model again, with other weights`,
  );
}

/** What somebody gave, in a word. */
const nameOf = (value: unknown): string =>
  (value as object | null | undefined)?.constructor?.name ?? String(value);

function requireCount(caller: string, name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(`${caller}: expected ${name} to be a whole number above 0, got ${value}.`);
}
