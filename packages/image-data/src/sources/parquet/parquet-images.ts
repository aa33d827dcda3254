import type { ImageSource } from '../../source.ts';
import type { ClassMap } from '../class-map.ts';
import { FilePool } from '../shards/file-pool.ts';
import { findShards } from '../shards/find-shards.ts';
import { numbers, shardClasses } from '../shards/shard-classes.ts';
import { findColumns, type ParquetColumns } from './parquet-columns.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { ParquetSource, type RowGroup } from './parquet-source.ts';
import { readLabels } from './read-labels.ts';

/** Options of `parquetImages`. */
export interface ParquetImagesOptions {
  /** The subfolder, or a word in the files' names. As in `imageFolder`, `val` also finds `validation` and `test`. */
  readonly split?: string;
  /** Names of the classes. Default: `classes.json` or `classes.txt` beside the files or one folder up, else the files' own names, else numbers. */
  readonly classMap?: ClassMap;
  /** Default: `image`, else `img`. */
  readonly imageColumn?: string;
  /** Default: `label`, else `labels`, else `fine_label`. */
  readonly labelColumn?: string;
  /** Row groups are kept up to so many bytes. Default: 512 MiB. */
  readonly cacheBytes?: number;
  /** Called with what is odd but can be worked with. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The images in Parquet files as Hugging Face's `datasets` writes them: a column `image` of `{ bytes, path }` (or of
 * bytes alone) and a column `label` of whole numbers from 0 on, whose names are in the file.
 *
 * Parquet is read by row groups, kept while `cacheBytes` allows, or by pages where the file has a page index. Shuffling
 * a data set that is much larger than the cache reads every group many times: make tar shards of it (`prepareShards`).
 *
 * @param path - A folder (or one with a folder `data`), a file, names such as `train-*.parquet`, or a list of these.
 *
 * @example
 * ```ts no-run
 * import { parquetImages } from '@bag-of-tricks/image-data';
 *
 * const train = await parquetImages('food101', { split: 'train' });
 * ```
 *
 * @throws Error when there is no file, one is damaged, a column is missing or a label is no class number.
 */
export async function parquetImages(
  path: string | readonly string[],
  {
    split,
    classMap,
    imageColumn,
    labelColumn,
    cacheBytes = 512 * 2 ** 20,
    onWarning: warn = () => {},
    signal,
  }: ParquetImagesOptions = {},
): Promise<ImageSource> {
  if (!(cacheBytes >= 0)) {
    throw new RangeError(`parquetImages: expected cacheBytes to be at least 0, got ${cacheBytes}.`);
  }
  const caller = 'parquetImages';
  const accepts = (name: string) => name.endsWith('.parquet');
  const paths = await findShards(path, { caller, kind: '*.parquet', accepts, split, warn });
  const files = new FilePool();
  try {
    const groups: RowGroup[] = [];
    const labels: Int32Array[] = [];
    let columns: ParquetColumns | undefined;
    let size = 0;
    for (const one of paths) {
      signal?.throwIfAborted();
      const file = await openParquet(one, files);
      const found = findColumns(file, imageColumn, labelColumn);
      columns ??= found;
      if (found.image !== columns.image || found.label !== columns.label) {
        throw new Error(
          `parquetImages: expected the columns ${columns.image} and ${columns.label} in ${one} as in the files before, found ${found.image} and ${found.label}. Name them with imageColumn and labelColumn.`,
        );
      }
      groups.push(...rowGroups(file, columns.image, size));
      labels.push(await readLabels(file, columns.label));
      size += labels.at(-1)!.length;
    }
    if (size === 0)
      throw new Error(`parquetImages: expected rows in ${paths.join(', ')}, found none.`);
    const all = joined(labels, size);
    const classCount = all.reduce((most, label) => Math.max(most, label), -1) + 1;
    const classNames = await shardClasses(caller, paths[0]!, classCount, {
      classMap,
      otherwise: async () => columns?.classNames ?? numbers(classCount),
    });
    return new ParquetSource({
      name: typeof path === 'string' ? path : paths[0]!,
      classNames,
      labels: all,
      groups,
      imageColumn: columns!.image,
      files,
      cacheBytes,
    });
  } catch (error) {
    await files.close();
    throw error;
  }
}

function rowGroups(file: ParquetFile, imageColumn: string, size: number): RowGroup[] {
  let fileRow = 0;
  return file.metadata.row_groups.map((group) => {
    const chunks = group.columns.filter((c) => c.meta_data?.path_in_schema[0] === imageColumn);
    const rows = Number(group.num_rows);
    fileRow += rows;
    return {
      file,
      fileRow: fileRow - rows,
      first: size + fileRow - rows,
      rows,
      bytes: chunks.reduce((sum, c) => sum + Number(c.meta_data?.total_compressed_size), 0),
      hasPageIndex: chunks.every((chunk) => chunk.offset_index_offset !== undefined),
    };
  });
}

function joined(parts: readonly Int32Array[], size: number): Int32Array {
  const all = new Int32Array(size);
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}
