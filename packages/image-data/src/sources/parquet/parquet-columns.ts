import { parquetSchema } from 'hyparquet';
import { listNames } from '../display-name.ts';
import type { ParquetFile } from './parquet-file.ts';

/** Names that the columns have in the data sets of the Hugging Face hub, the usual one first. */
const IMAGE_COLUMNS = ['image', 'img'] as const;
const LABEL_COLUMNS = ['label', 'labels', 'fine_label'] as const;

/** Which columns are read, and what is known of the classes. */
export interface ParquetColumns {
  readonly image: string;
  readonly label: string;
  /** Of a ClassLabel in the metadata that `datasets` writes. */
  readonly classNames: readonly string[] | undefined;
}

/**
 * Finds the columns of images and labels.
 *
 * @throws Error with the columns that are there, when one is missing.
 */
export function findColumns(
  { path, metadata }: ParquetFile,
  imageColumn: string | undefined,
  labelColumn: string | undefined,
): ParquetColumns {
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const find = (option: string, given: string | undefined, usual: readonly string[]): string => {
    const wanted = given === undefined ? usual : [given];
    const found = wanted.find((name) => columns.includes(name));
    if (found !== undefined) return found;
    throw new Error(
      `parquetImages: expected a column ${wanted.join(' or ')} in ${path}, found the columns ${listNames(columns, 20) || '(none)'}. Name the right one with ${option}.`,
    );
  };
  const image = find('imageColumn', imageColumn, IMAGE_COLUMNS);
  const label = find('labelColumn', labelColumn, LABEL_COLUMNS);
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  return { image, label, classNames: classNamesIn(text, label) };
}

/** `{"info": {"features": {"label": {"names": [...], "_type": "ClassLabel"}}}}` */
function classNamesIn(text: string | undefined, label: string): string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const { info } = JSON.parse(text) as {
      info?: { features?: Record<string, { names?: unknown } | undefined> };
    };
    const names = info?.features?.[label]?.names;
    const areNames = Array.isArray(names) && names.every((name) => typeof name === 'string');
    return areNames ? names : undefined;
  } catch {
    return undefined;
  }
}
