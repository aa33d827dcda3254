import { stat } from 'node:fs/promises';
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { readExactly } from '../shards/byte-reader.ts';
import type { FilePool } from '../shards/file-pool.ts';
import { checkMetadata } from './check-metadata.ts';

/** A file that cannot be read is no fault of what it holds. */
export class FileReadError extends Error {}

/** One Parquet file: its metadata, and columns for a range of rows. */
export interface ParquetFile {
  readonly path: string;
  readonly metadata: FileMetaData;
  /** Rows `start` to `end` of a column. With `byPage`, reads only the pages that hold them, where the file has an index. */
  rows(
    column: string,
    start: number,
    end: number,
    options?: { byPage?: boolean },
  ): Promise<unknown[]>;
}

/**
 * Opens a Parquet file.
 *
 * @throws Error when it is none, or damaged.
 */
export async function openParquet(path: string, files: FilePool): Promise<ParquetFile> {
  const { size } = await stat(path);
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= size)) {
      throw new Error(`bytes ${start} to ${end} are wanted of a file of ${size}`);
    }
    const bytes = await files
      .with(path, (handle) => readExactly(handle, start, end - start))
      .catch((cause) => {
        throw new FileReadError(`${path}: ${(cause as Error).message}`, { cause });
      });
    if (bytes.length < end - start) throw new Error('the file was shortened');
    return bytes.buffer;
  };
  const file = {
    byteLength: size,
    slice(start: number, end = size) {
      const bytes = read(start, end);
      // hyparquet reads ahead; when it fails in between, nobody waits for the rest.
      bytes.catch(() => {});
      return bytes;
    },
  };
  const metadata = await parquetMetadataAsync(file)
    .then((read) => checkMetadata(read, size))
    .catch((cause) => {
      throw new Error(
        `parquetImages: expected a Parquet file at ${path}, got: ${(cause as Error).message}. If it is one, it is damaged or cut off: copy it again.`,
        { cause },
      );
    });
  return {
    path,
    metadata,
    async rows(column, rowStart, rowEnd, { byPage: useOffsetIndex = false } = {}) {
      const options = { file, metadata, columns: [column], rowStart, rowEnd, useOffsetIndex };
      // Without utf8: false the bytes of images would be taken for text.
      const rows = await parquetReadObjects({ ...options, compressors, utf8: false });
      if (rows.length !== rowEnd - rowStart) {
        throw new Error(`${rows.length} rows where ${rowEnd - rowStart} should be`);
      }
      return rows.map((row) => row[column] as unknown);
    },
  };
}
