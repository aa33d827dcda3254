import { type ColumnChunk, type FileMetaData, parquetSchema, type SchemaTree } from 'hyparquet';

/** More rows than a group of images has: a damaged number would keep the reader busy for hours. */
const MAX_GROUP_ROWS = 1 << 24;

/**
 * Checks what hyparquet takes for granted, and would meet with a rejection that nobody handles.
 *
 * @throws Error with what is wrong, when the metadata do not fit a file of `bytes`.
 */
export function checkMetadata(metadata: FileMetaData, bytes: number): FileMetaData {
  const schema = parquetSchema(metadata);
  let sum = 0;
  for (const { num_rows: rows, columns } of metadata.row_groups) {
    if (!(rows >= 0 && rows <= MAX_GROUP_ROWS)) throw new Error(`a row group of ${rows} rows`);
    sum += Number(rows);
    for (const column of columns) checkChunk(column, schema, bytes);
  }
  if (sum !== Number(metadata.num_rows)) {
    throw new Error(`row groups of ${sum} rows together where ${metadata.num_rows} should be`);
  }
  return metadata;
}

function checkChunk({ meta_data: chunk }: ColumnChunk, schema: SchemaTree, bytes: number): void {
  let place: SchemaTree | undefined = schema;
  for (const name of chunk?.path_in_schema ?? ['']) {
    place = place?.children.find(({ element }) => element.name === name);
  }
  if (chunk === undefined || place === undefined || place.children.length > 0) {
    throw new Error('a column that is not in the schema');
  }
  const { data_page_offset: data, dictionary_page_offset: dictionary } = chunk;
  const numbers = [data, dictionary ?? 0n, chunk.total_compressed_size];
  if (!numbers.every((number) => typeof number === 'bigint' && number >= 0n && number <= bytes)) {
    throw new Error('a column that lies outside of the file');
  }
}
