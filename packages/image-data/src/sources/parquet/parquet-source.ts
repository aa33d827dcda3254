import { BadImageError } from '../../bad-image-error.ts';
import type { FileListing, ImageSource } from '../../source.ts';
import { checkIndex } from '../check-index.ts';
import { checkImageBytes } from '../read-image-file.ts';
import type { FilePool } from '../shards/file-pool.ts';
import { wholeFiles } from '../whole-files.ts';
import { BlockCache } from './block-cache.ts';
import { FileReadError, type ParquetFile } from './parquet-file.ts';

/** Some rows that a file stores together. */
export interface RowGroup {
  readonly file: ParquetFile;
  /** The first row's number in the file. */
  readonly fileRow: number;
  /** The first row's index in the source. */
  readonly first: number;
  readonly rows: number;
  /** Of the image column, as stored. */
  readonly bytes: number;
  /** Whether the file tells where each page of the image column lies. */
  readonly hasPageIndex: boolean;
}

/** What `ParquetSource` is made of. */
export interface ParquetContent {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly labels: Int32Array;
  readonly groups: readonly RowGroup[];
  readonly imageColumn: string;
  readonly files: FilePool;
  readonly cacheBytes: number;
}

/** Reads images out of row groups. */
export class ParquetSource implements ImageSource {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly size: number;
  readonly #content: ParquetContent;
  readonly #cache: BlockCache<readonly unknown[]>;

  constructor(content: ParquetContent) {
    this.name = content.name;
    this.classNames = content.classNames;
    this.size = content.labels.length;
    this.#content = content;
    this.#cache = new BlockCache(content.cacheBytes, bytesOf);
  }

  label(index: number): number {
    checkIndex(index, this.size, this.name);
    return this.#content.labels[index]!;
  }

  describe(index: number): string {
    const { file, fileRow, first } = this.#content.groups[this.#groupOf(index)]!;
    return `${file.path}:row ${fileRow + index - first}`;
  }

  async read(index: number, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const value = await this.#value(index).catch((error: unknown) => {
      if (error instanceof FileReadError) throw error;
      const reason = `its row group cannot be read: ${(error as Error).message}`;
      throw new BadImageError(this.describe(index), reason, { cause: error });
    });
    signal?.throwIfAborted();
    const bytes = imageBytes(value);
    if (bytes === undefined) {
      throw new BadImageError(this.describe(index), 'has no bytes in its row, at most a path');
    }
    checkImageBytes(bytes.length, () => this.describe(index));
    // A copy: a view would keep its whole row group in memory for as long as the image is.
    return { kind: 'encoded', bytes: bytes.slice(), movable: true } as const;
  }

  get listing(): FileListing {
    return wholeFiles([...new Set(this.#content.groups.map(({ file }) => file.path))]);
  }

  async close(): Promise<void> {
    this.#cache.clear();
    await this.#content.files.close();
  }

  async #value(index: number): Promise<unknown> {
    const { groups, imageColumn, cacheBytes } = this.#content;
    const number = this.#groupOf(index);
    const { file, fileRow, first, rows, bytes, hasPageIndex } = groups[number]!;
    const row = index - first;
    // A group that fills much of the cache would be read again for each of its images when they are shuffled.
    if (hasPageIndex && bytes > cacheBytes / 16) {
      const at = fileRow + row;
      return (await file.rows(imageColumn, at, at + 1, { byPage: true }))[0];
    }
    const load = () => file.rows(imageColumn, fileRow, fileRow + rows);
    return (await this.#cache.get(number, { bytes, load }))[row];
  }

  #groupOf(index: number): number {
    checkIndex(index, this.size, this.name);
    const { groups } = this.#content;
    let low = 0;
    let high = groups.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (groups[middle]!.first <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The bytes of a cell: `{ bytes, path }` as `datasets` writes it, or bytes alone. */
function imageBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  const bytes = (value as { bytes?: unknown } | null | undefined)?.bytes;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

function bytesOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + (imageBytes(value)?.length ?? 0) + 64, 0);
}
