import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import type { ImageSource } from '../source.ts';
import type { ClassMap } from '../sources/class-map.ts';
import { sameFiles } from '../sources/same-files.ts';
import { type SplitByClassOptions, splitByClass } from '../sources/split-by-class.ts';
import { checkSources } from './check-sources.ts';
import type { DataFormat, Split, SyntheticShape } from './format.ts';
import { dataFormats, type FormatChoice, formatProblems } from './formats.ts';

/** The images to train on and those to evaluate on, with the same classes. */
export interface Sources {
  /** Null where only the evaluation images are wanted. */
  readonly train: ImageSource | null;
  readonly eval: ImageSource;
}

/** Options of `openSources`. */
export interface OpenSourcesOptions extends FormatChoice {
  /** Needed for, and only looked at by, the dataset `synthetic`. */
  readonly synthetic?: SyntheticShape | undefined;
  /** Share of each class that is kept for validation where a folder has no `val` or `test`. Default: 0.2. */
  readonly valSplit?: number | null | undefined;
  /** Of what is made up, and of the images kept for validation. Default: 0. */
  readonly seed?: number | undefined;
  /** Open the evaluation images only, for a network that knows these classes. */
  readonly evalClassNames?: readonly string[] | undefined;
  /** Folder that keeps what is converted once. Default: the user's cache. */
  readonly cacheDirectory?: string | undefined;
  /** Called with a line of text during long preparations. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Called with what is odd but can be worked with. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Stops the opening, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the images of a format by its name. The evaluation images get the classes of the training images, so that both agree on their
 * numbers.
 *
 * @example
 * ```ts
 * import { openSources } from '@bag-of-tricks/image-data';
 *
 * // Or { dataset: 'folder', dataDir: 'flowers' }.
 * const synthetic = { imageSize: 8, channels: 3, numClasses: 4, trainSamples: 32, evalSamples: 8 } as const;
 * const { train, eval: evaluation } = await openSources({ dataset: 'synthetic', synthetic });
 * console.log(train!.size, evaluation.size); // 32 8
 * ```
 *
 * @throws TypeError when the choice does not fit its format, Error when files are missing or not what the format expects.
 */
export async function openSources({
  dataset,
  evalClassNames,
  classMap = null,
  dataDir = null,
  seed = 0,
  valSplit = null,
  cacheDirectory = cacheRoot(),
  onProgress = () => {},
  onWarning = () => {},
  synthetic,
  signal,
}: OpenSourcesOptions): Promise<Sources> {
  const [problem] = formatProblems({ dataset, dataDir, classMap });
  if (problem !== undefined) throw new TypeError(problem);
  const options = {
    ...{ dataDir, seed, cacheDirectory, onProgress, onWarning },
    ...(signal && { signal }),
    ...(synthetic && { synthetic }),
  };
  const format: DataFormat = dataFormats[dataset];
  const withClasses = (classes: ClassMap | null) => ({
    ...options,
    ...(classes !== null && { classMap: classes }),
  });
  const open = (split: Split, classes: ClassMap | null): Promise<ImageSource> =>
    format.open({ ...withClasses(classes), split });
  const whole = await format.openUnsplit?.(withClasses(evalClassNames ?? classMap));
  const same = whole && (await sameFiles(whole, signal));
  const splitting = { share: valSplit ?? 0.2, seed, onProgress, ...(same && { same }) };
  if (evalClassNames) {
    const evaluation = whole ? splitOf(whole, splitting).eval : await open('val', evalClassNames);
    return { train: null, eval: evaluation };
  }
  const train = whole ?? (await open('train', classMap));
  try {
    const sources = whole
      ? splitOf(whole, splitting)
      : { train, eval: await open('val', train.classNames) };
    if (format.openUnsplit) await checkSources(sources, { onWarning, signal });
    return sources;
  } catch (error) {
    await train.close();
    throw error;
  }
}

/** Keeps some of all images for validation, and says how many. */
function splitOf(
  whole: ImageSource,
  {
    onProgress,
    ...options
  }: Required<Pick<SplitByClassOptions, 'share'>> &
    SplitByClassOptions & { onProgress: (line: string) => void },
) {
  const { train, val } = splitByClass(whole, options);
  onProgress(
    `${whole.name}: no folder val or test, so ${val.size} of the ${whole.size} images, ${100 * options.share} % of each class, are kept for validation (seed ${options.seed})`,
  );
  return { train, eval: val };
}
