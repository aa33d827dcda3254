import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource } from '../../source.ts';
import { listNames } from '../display-name.ts';
import { numbers } from '../shards/shard-classes.ts';
import { readIdxFile } from './idx-file.ts';
import { imagesInMemory } from './images-in-memory.ts';
import { partOf, type TwoSplits } from './two-splits.ts';

/** Options of `mnistImages`. */
export interface MnistImagesOptions {
  /** `val` and `validation` are the test images, since these sets have no others. Default: `train`. */
  readonly split?: TwoSplits;
  /** What classes 0, 1, ... are called. Default: their numbers. */
  readonly classNames?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * MNIST, Fashion-MNIST and others in the same files: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the two of
 * `t10k`, with or without `.gz`. Images have one channel; all of it is held in memory, 47 MB for training.
 *
 * @param directory - The folder with these files.
 *
 * @throws RangeError for a split that there is not.
 * @throws Error when a file is missing, damaged, or does not fit the other, or a label is no class.
 */
export async function mnistImages(
  directory: string,
  { split = 'train', classNames, signal }: MnistImagesOptions = {},
): Promise<ImageSource> {
  const part = partOf('mnistImages', split);
  const prefix = part === 'train' ? 'train' : 't10k';
  const names = await readdir(directory).catch(() => [] as string[]);
  const find = (name: string) => findFile(directory, names, name);
  const imagesPath = find(`${prefix}-images-idx3-ubyte`);
  const labelsPath = find(`${prefix}-labels-idx1-ubyte`);
  const images = await readIdxFile(imagesPath, 3);
  signal?.throwIfAborted();
  const labels = (await readIdxFile(labelsPath, 1)).values;
  const [size, height, width] = images.shape as [number, number, number];
  if (labels.length !== size || size === 0) {
    throw new Error(
      `mnistImages: expected as many labels in ${labelsPath} as images in ${imagesPath}, found ${labels.length} and ${size}. They belong to different sets: fetch both again.`,
    );
  }
  const largest = labels.reduce((a, b) => Math.max(a, b), 0);
  const classes = classNames ?? numbers(Math.max(10, largest + 1));
  if (largest >= classes.length) {
    throw new Error(
      `mnistImages: expected labels below ${classes.length}, the number of classNames, in ${labelsPath}, found ${largest}. Give a name for each class.`,
    );
  }
  return imagesInMemory({
    name: `${directory} (${part})`,
    classNames: classes,
    images: images.values,
    labels,
    ...{ height, width, channels: 1 },
  });
}

/** Browsers unpack on the way and keep the name, so either name may hold either form. */
function findFile(directory: string, names: readonly string[], name: string): string {
  const found = [name, `${name}.gz`].find((one) => names.includes(one));
  if (found !== undefined) return join(directory, found);
  throw new Error(
    `mnistImages: expected ${name} or ${name}.gz in ${directory}, found ${listNames([...names].sort()) || 'nothing'}. Name the folder with the four files of the set.`,
  );
}
