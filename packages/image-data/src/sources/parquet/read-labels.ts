import { MAX_CLASSES } from '../shards/shard-entry.ts';
import type { ParquetFile } from './parquet-file.ts';

/**
 * The class numbers in a column, checked.
 *
 * @throws Error when the column cannot be read or holds something else.
 */
export async function readLabels(file: ParquetFile, column: string): Promise<Int32Array> {
  const values: unknown[] = [];
  for (const { num_rows } of file.metadata.row_groups) {
    const rows = Number(num_rows);
    const inGroup = await file.rows(column, values.length, values.length + rows).catch((cause) => {
      throw new Error(
        `parquetImages: expected class numbers in the column ${column} of ${file.path}, got: ${(cause as Error).message}. The file is damaged: copy it again.`,
        { cause },
      );
    });
    for (const value of inGroup) values.push(value);
  }
  return Int32Array.from(values, (value, row) => {
    const label = typeof value === 'bigint' ? Number(value) : value;
    const isClass = Number.isInteger(label) && (label as number) >= 0;
    if (isClass && (label as number) < MAX_CLASSES) return label as number;
    throw new Error(
      `parquetImages: expected whole numbers from 0 on in the column ${column} of ${file.path}, got ${String(value)} in row ${row}. A split without labels (-1) cannot be used; name another column with labelColumn.`,
    );
  });
}
