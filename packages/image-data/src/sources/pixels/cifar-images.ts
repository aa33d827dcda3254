import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource } from '../../source.ts';
import { numbers } from '../shards/shard-classes.ts';
import { wholeFiles } from '../whole-files.ts';
import { type CifarLayout, findCifar, IMAGE_BYTES, readBatch } from './cifar-files.ts';
import { imagesInMemory } from './images-in-memory.ts';
import { partOf, type TwoSplits } from './two-splits.ts';

/** Options of `cifarImages`. */
export interface CifarImagesOptions {
  /** `val` and `validation` are the test images, since CIFAR has no others. Default: `train`. */
  readonly split?: TwoSplits;
  readonly signal?: AbortSignal;
}

const SIDE = 32;
const PLANE = SIDE * SIDE;

/**
 * CIFAR-10 or CIFAR-100 (fine labels) from its binary version: `data_batch_1.bin` ..., `test_batch.bin`, or `train.bin`
 * and `test.bin`. All of it is held in memory, 150 MB for training.
 *
 * @param directory - The folder with these files, or the one in which the archive was unpacked.
 *
 * @throws RangeError for a split that there is not.
 * @throws Error when a file is missing, cut off, or holds a label that is no class.
 */
export async function cifarImages(
  directory: string,
  { split = 'train', signal }: CifarImagesOptions = {},
): Promise<ImageSource> {
  const part = partOf('cifarImages', split);
  const { folder, layout } = await findCifar(directory, part);
  const batches: Buffer[] = [];
  const paths = layout.files[part].map((name) => join(folder, name));
  for (const path of paths) {
    signal?.throwIfAborted();
    batches.push(await readBatch(path, layout));
  }
  const classNames = await readClassNames(join(folder, layout.namesFile), layout.classCount);
  const source = cifarSource(`${folder} (${part})`, layout, classNames, Buffer.concat(batches));
  return { ...source, listing: wholeFiles(paths) };
}

/** Interleaves the planes of each record. */
function cifarSource(
  name: string,
  { labelBytes }: CifarLayout,
  classNames: readonly string[],
  records: Buffer,
): ImageSource {
  const recordBytes = labelBytes + IMAGE_BYTES;
  const size = records.length / recordBytes;
  const images = new Uint8Array(size * IMAGE_BYTES);
  const labels = new Uint8Array(size);
  for (let index = 0, to = 0; index < size; index++) {
    const start = index * recordBytes + labelBytes;
    labels[index] = records[start - 1]!;
    for (let i = start; i < start + PLANE; i++) {
      for (let c = 0; c < 3; c++) images[to++] = records[i + c * PLANE]!;
    }
  }
  return imagesInMemory({ name, classNames, images, labels, height: SIDE, width: SIDE });
}

/** Names by line; numbers where the file is missing or holds others than it should. */
async function readClassNames(path: string, classCount: number): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const names = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return names.length === classCount ? names : numbers(classCount);
}
