import {
  type ClassMap,
  cifarImages,
  type ImageSource,
  imageFolder,
  parquetImages,
  tarShards,
  tfRecords,
} from '@bag-of-tricks/image-data';
import type { TrainConfig } from '../config/schema.ts';

/** The images to train on and those to evaluate on, with the same classes. */
export interface Sources {
  /** Null where only the evaluation images are wanted. */
  readonly train: ImageSource | null;
  readonly eval: ImageSource;
  close(): Promise<void>;
}

/** Options of `openSources`. */
export interface OpenSourcesOptions {
  /** Open the evaluation images only, for a network that knows these classes. */
  readonly evalClassNames?: readonly string[] | undefined;
  /** Called with what is odd but can be worked with. */
  readonly onWarning: (message: string) => void;
  /** Stops the opening, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

type Split = 'train' | 'val';

/** Both sets have files that look alike. */
async function checkedCifar(
  dataset: 'cifar10' | 'cifar100',
  source: ImageSource,
): Promise<ImageSource> {
  const other = dataset === 'cifar10' ? 'cifar100' : 'cifar10';
  if (source.classNames.length === (dataset === 'cifar10' ? 10 : 100)) return source;
  await source.close();
  throw new Error(
    `dataset ${dataset}: expected its files in ${source.name}, got those of ${other}. Give --dataset ${other}`,
  );
}

/** Open the files of a dataset. The evaluation images get the classes of the training images, so that both agree on their numbers. */
export async function openSources(
  { dataset, dataDir, classMap }: Pick<TrainConfig, 'dataset' | 'dataDir' | 'classMap'>,
  { evalClassNames, onWarning, signal }: OpenSourcesOptions,
): Promise<Sources> {
  const open = async (split: Split, classes: ClassMap | null): Promise<ImageSource> => {
    const options = {
      split,
      onWarning,
      ...(signal && { signal }),
      ...(classes !== null && { classMap: classes }),
    };
    switch (dataset) {
      case 'folder':
        return imageFolder(dataDir!, options);
      case 'tar':
        return tarShards(dataDir!, options);
      case 'tfrecord':
        return tfRecords(dataDir!, options);
      case 'parquet':
        return parquetImages(dataDir!, options);
      case 'cifar10':
      case 'cifar100':
        return checkedCifar(
          dataset,
          await cifarImages(dataDir!, { split, ...(signal && { signal }) }),
        );
      default:
        throw new Error(`openSources: expected a dataset of files, got ${dataset}`);
    }
  };
  if (evalClassNames) return together(null, await open('val', evalClassNames));
  const train = await open('train', classMap);
  try {
    return together(train, await open('val', train.classNames));
  } catch (error) {
    await train.close();
    throw error;
  }
}

function together(train: ImageSource | null, evaluation: ImageSource): Sources {
  return {
    train,
    eval: evaluation,
    async close() {
      await train?.close();
      await evaluation.close();
    },
  };
}
