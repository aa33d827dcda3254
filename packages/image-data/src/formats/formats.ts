import { readdir } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { listNames } from '../sources/display-name.ts';
import { imageFolder } from '../sources/image-folder.ts';
import { parquetImages } from '../sources/parquet/parquet-images.ts';
import { cifarFormat } from '../sources/pixels/cifar-format.ts';
import { fashionMnistFormat } from '../sources/pixels/fashion-mnist-format.ts';
import { syntheticFormat } from '../sources/pixels/synthetic-format.ts';
import { findSplit, SPLIT_NAMES } from '../sources/split-folder.ts';
import { tarShards } from '../sources/tar/tar-shards.ts';
import { tfRecords } from '../sources/tfrecord/tf-records.ts';
import { type DataFormat, type FormatOptions, photographFiles } from './format.ts';

/** The images of `train/<class>/`, or of `<class>/` where there is no such folder either; null beside a folder `val` or `test`. */
async function openUnsplitFolder({ dataDir, ...options }: Omit<FormatOptions, 'split'>) {
  if (await findSplit(dataDir!, 'val')) return null;
  const named = await findSplit(dataDir!, 'train');
  const train = named && (await isClass(named, options)) ? undefined : named;
  if (train === undefined) await warnOfSplit(resolve(dataDir!), options);
  return imageFolder(train ?? dataDir!, options);
}

/** Whether a folder named as a split is a class, as trains beside buses are: it holds files and no folder, and others are beside it. */
async function isClass(folder: string, { onWarning }: Pick<FormatOptions, 'onWarning'>) {
  const foldersIn = async (path: string) => {
    const entries = await readdir(path, { withFileTypes: true });
    const shown = entries.filter(({ name }) => !name.startsWith('.'));
    const folders = shown.filter((one) => !one.isFile()).map(({ name }) => name);
    return { folders, files: shown.length - folders.length };
  };
  const inside = await foldersIn(folder);
  if (inside.files === 0 || inside.folders.length > 0) return false;
  const { folders } = await foldersIn(dirname(folder));
  const others = folders.filter((name) => !SPLIT_NAMES.has(name));
  if (others.length === 0) return false;
  onWarning(
    `${folder}: holds files and no folders, so it is taken for a class beside ${listNames(others)}, not for the training images of all`,
  );
  return true;
}

/** Warns where a folder of classes is itself one split of a data set: the others are not used then. */
async function warnOfSplit(folder: string, { onWarning }: Pick<FormatOptions, 'onWarning'>) {
  const above = dirname(folder);
  if (!SPLIT_NAMES.has(basename(folder))) return;
  const others = await Promise.all(['train', 'val'].map((split) => findSplit(above, split)));
  const beside = others.find((other) => other !== undefined && other !== folder);
  if (beside !== undefined)
    onWarning(
      `${folder}: a folder ${basename(beside)} is beside it and is not used. Give the folder above, ${above}, to train and validate with both`,
    );
}

/** Every form of images that has a name. To add one: its file in `sources/`, and its line here. */
export const dataFormats = {
  folder: { ...photographFiles(imageFolder), openUnsplit: openUnsplitFolder },
  tar: photographFiles(tarShards),
  tfrecord: photographFiles(tfRecords),
  parquet: photographFiles(parquetImages),
  cifar10: cifarFormat(10, { mean: [125.3, 123.0, 113.9], std: [63.0, 62.1, 66.7] }),
  cifar100: cifarFormat(100, { mean: [129.3, 124.1, 112.4], std: [68.2, 65.4, 70.4] }),
  'fashion-mnist': fashionMnistFormat,
  synthetic: syntheticFormat,
} satisfies Readonly<Record<string, DataFormat>>;

/** The name of a form of images, such as `tar`. */
export type DataFormatName = keyof typeof dataFormats;

/** The name of a form of images in files, which `dataDir` names. */
export type FileFormatName = {
  [Name in DataFormatName]: (typeof dataFormats)[Name] extends { readonly files: true }
    ? Name
    : never;
}[DataFormatName];

/** The names of all forms, files first. */
export const dataFormatNames = Object.keys(dataFormats) as DataFormatName[];

/** The names of the forms in files. */
export const fileFormatNames = dataFormatNames.filter(
  (name): name is FileFormatName => dataFormats[name].files,
);

/** Which images: a format, and what it needs. */
export interface FormatChoice {
  readonly dataset: DataFormatName;
  /** Folder of the images, with the splits train and val (or test) in it, or of all classes; null or left out for a format without files. */
  readonly dataDir?: string | null | undefined;
  /** File that fixes the classes and their numbers. Default: null, all, sorted by name. */
  readonly classMap?: string | null | undefined;
}

/** What a choice of images lacks, or has too much; empty where it fits. */
export function formatProblems({
  dataset,
  dataDir = null,
  classMap = null,
}: FormatChoice): string[] {
  const format: DataFormat | undefined = Object.hasOwn(dataFormats, dataset)
    ? dataFormats[dataset]
    : undefined;
  if (!format) {
    return [
      `dataset: expected one of ${dataFormatNames.join(', ')}, got ${JSON.stringify(dataset)}`,
    ];
  }
  const problems: string[] = [];
  if (format.files && dataDir === null) {
    problems.push(
      `dataDir: expected the folder of the images for dataset ${dataset}, got null. Give --data-dir`,
    );
  }
  if (!format.files && dataDir !== null) {
    problems.push(
      `dataDir: expected nothing for dataset ${dataset}, which is not in files, got ${JSON.stringify(dataDir)}. Leave it out, or give another --dataset`,
    );
  }
  if (!format.classMap && classMap !== null) {
    problems.push(
      `classMap: expected nothing for dataset ${dataset}, whose classes are fixed, got ${JSON.stringify(classMap)}. Leave it out`,
    );
  }
  return problems;
}
