import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listNames } from '../display-name.ts';

/** Bytes of one 32x32 image, a plane each of red, green and blue. */
export const IMAGE_BYTES = 3 * 32 * 32;

/** How one of the two data sets is laid out. */
export interface CifarLayout {
  readonly files: Readonly<Record<'train' | 'test', readonly string[]>>;
  /** Labels before each image; the last is the one of the class. */
  readonly labelBytes: number;
  readonly classCount: number;
  readonly namesFile: string;
}

/** CIFAR-10: one label a record. CIFAR-100: the coarse one, then the fine one. */
const LAYOUTS: readonly CifarLayout[] = [
  {
    files: {
      train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
      test: ['test_batch.bin'],
    },
    labelBytes: 1,
    classCount: 10,
    namesFile: 'batches.meta.txt',
  },
  {
    files: { train: ['train.bin'], test: ['test.bin'] },
    labelBytes: 2,
    classCount: 100,
    namesFile: 'fine_label_names.txt',
  },
];

/** Folders that the archives unpack to. */
const ARCHIVE_FOLDERS = ['cifar-10-batches-bin', 'cifar-100-binary'] as const;

/**
 * Which data set a folder holds, itself or in the folder that the archive unpacks to.
 *
 * @throws Error when it holds neither, or a batch is missing.
 */
export async function findCifar(
  directory: string,
  split: 'train' | 'test',
): Promise<{ folder: string; layout: CifarLayout }> {
  const seen: string[] = [];
  for (const folder of [directory, ...ARCHIVE_FOLDERS.map((name) => join(directory, name))]) {
    const names = await readdir(folder).catch(() => [] as string[]);
    seen.push(...names);
    for (const layout of LAYOUTS) {
      const missing = layout.files[split].filter((name) => !names.includes(name));
      if (missing.length === layout.files[split].length) continue;
      if (missing.length > 0) {
        throw new Error(
          `cifarImages: expected ${listNames(layout.files[split])} in ${folder}, found no ${listNames(missing)}. Unpack the archive again.`,
        );
      }
      return { folder, layout };
    }
  }
  const wanted = LAYOUTS.map(({ files }) => listNames(files[split])).join(', or ');
  throw new Error(
    `cifarImages: expected ${wanted} in ${directory}, found ${listNames(seen.sort()) || 'nothing'}. These are the files of the binary version of CIFAR-10 or CIFAR-100.`,
  );
}

/**
 * The records of a batch file, checked.
 *
 * @throws Error when the file holds no whole number of records, or a label that is no class.
 */
export async function readBatch(path: string, layout: CifarLayout): Promise<Buffer> {
  const { labelBytes, classCount } = layout;
  const recordBytes = labelBytes + IMAGE_BYTES;
  const bytes = await readFile(path);
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new Error(
      `cifarImages: expected records of ${recordBytes} bytes in ${path}, found ${bytes.length} bytes, which is no whole number of them. The file is cut off or another: unpack the archive again.`,
    );
  }
  for (let at = labelBytes - 1; at < bytes.length; at += recordBytes) {
    if (bytes[at]! >= classCount) {
      throw new Error(
        `cifarImages: expected labels below ${classCount} in ${path}, found ${bytes[at]} at byte ${at}. The file is damaged or another: unpack the archive again.`,
      );
    }
  }
  return bytes;
}
