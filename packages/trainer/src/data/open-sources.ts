import {
  type ClassMap,
  cifarImages,
  fashionMnist,
  type ImageSource,
  imageFolder,
  parquetImages,
  syntheticImages,
  tarShards,
  tfRecords,
} from '@bag-of-tricks/image-data';
import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import type { BaseConfig } from '../config/base-schema.ts';

/** The images to train on and those to evaluate on, with the same classes. */
export interface Sources {
  /** Null where only the evaluation images are wanted. */
  readonly train: ImageSource | null;
  readonly eval: ImageSource;
}

/** The settings that say where the images are. */
export type SourcesConfig = Pick<BaseConfig, 'dataset' | 'dataDir' | 'classMap'> &
  Partial<Pick<BaseConfig, 'synthetic' | 'seed'>>;

/** Options of `openSources`. */
export interface OpenSourcesOptions {
  /** Open the evaluation images only, for a network that knows these classes. */
  readonly evalClassNames?: readonly string[] | undefined;
  /** Folder that keeps what is converted once. Default: the user's cache. */
  readonly cacheDirectory?: string | undefined;
  /** Called with a line of text during long preparations. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Called with what is odd but can be worked with. */
  readonly onWarning: (message: string) => void;
  /** Stops the opening, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

type Split = 'train' | 'val';

interface OpenOptions {
  readonly split: Split;
  readonly onWarning: (message: string) => void;
  readonly signal?: AbortSignal;
  readonly classMap?: ClassMap;
}

type Open = (
  options: OpenOptions,
  config: SourcesConfig,
  other: OpenSourcesOptions,
) => Promise<ImageSource>;

/** How the images of each dataset are opened. */
const openers: Readonly<Record<BaseConfig['dataset'], Open>> = {
  folder: (options, { dataDir }) => imageFolder(dataDir!, options),
  tar: (options, { dataDir }) => tarShards(dataDir!, options),
  tfrecord: (options, { dataDir }) => tfRecords(dataDir!, options),
  parquet: (options, { dataDir }) => parquetImages(dataDir!, options),
  cifar10: openCifar,
  cifar100: openCifar,
  'fashion-mnist': ({ split }, _, { cacheDirectory = cacheRoot(), onProgress }) =>
    fashionMnist({ split, cacheDirectory, onProgress }),
  async synthetic({ split }, { synthetic, seed = 0 }) {
    const { trainSamples, evalSamples, ...shape } = synthetic!;
    const [size, stream] = split === 'train' ? [trainSamples, 0] : [evalSamples, 1];
    return syntheticImages({ ...shape, size, stream, seed });
  },
  async own() {
    throw new Error(
      'dataset own: expected the images that the run was given, got none. Pass them as `data`',
    );
  },
};

/** Both sets have files that look alike. */
async function openCifar(
  { split, signal }: OpenOptions,
  { dataset, dataDir }: SourcesConfig,
): Promise<ImageSource> {
  const source = await cifarImages(dataDir!, { split, ...(signal && { signal }) });
  const other = dataset === 'cifar10' ? 'cifar100' : 'cifar10';
  if (source.classNames.length === (dataset === 'cifar10' ? 10 : 100)) return source;
  await source.close();
  throw new Error(
    `dataset ${dataset}: expected its files in ${source.name}, got those of ${other}. Give --dataset ${other}`,
  );
}

/** Open the images of a dataset. The evaluation images get the classes of the training images, so that both agree on their numbers. */
export async function openSources(
  config: SourcesConfig,
  options: OpenSourcesOptions,
): Promise<Sources> {
  const { evalClassNames, onWarning, signal } = options;
  const open = (split: Split, classMap: ClassMap | null): Promise<ImageSource> => {
    const given = { ...(signal && { signal }), ...(classMap !== null && { classMap }) };
    return openers[config.dataset]({ split, onWarning, ...given }, config, options);
  };
  if (evalClassNames) return { train: null, eval: await open('val', evalClassNames) };
  const train = await open('train', config.classMap);
  try {
    return { train, eval: await open('val', train.classNames) };
  } catch (error) {
    await train.close();
    throw error;
  }
}
