import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gunzipSync, gzip } from 'node:zlib';
import type { Dataset, DatasetFile } from './dataset.ts';

/** What tells the images of a dataset from others: a few bytes, however many they are. */
export interface DataRecord {
  /** SHA-256 of split, class, size and name of every file; or what the dataset says. */
  readonly digest: string;
  readonly files: { readonly train: number; readonly eval: number };
  /** Training images of each class, where files are images. */
  readonly perClass: readonly number[];
  readonly stepsPerEpoch: number;
}

/** The record, and the list that it stands for: gzipped lines, kept to say later which files differ. */
export interface DataFingerprint {
  readonly record: DataRecord;
  readonly list: Uint8Array | null;
}

const compress = promisify(gzip);

/** A name within a line; two names are never one. */
const escaped = (name: string) =>
  name.replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));

const line = ({ split, label, bytes, name }: DatasetFile) =>
  `${split}\t${label ?? ''}\t${bytes ?? ''}\t${escaped(name)}\n`;

/**
 * What tells the images of a dataset from others without reading them: names, classes and sizes of the files, or what a dataset of one's
 * own calls its fingerprint. Null for one that says neither, such as synthetic images, which the settings describe.
 */
export async function fingerprintOf(
  dataset: Dataset,
  stepsPerEpoch: number,
): Promise<DataFingerprint | null> {
  const files = { train: 0, eval: 0 };
  const perClass: number[] = [];
  if (dataset.fingerprint !== undefined) {
    const digest = dataset.fingerprint;
    return { record: { digest, files, perClass, stepsPerEpoch }, list: null };
  }
  if (!dataset.files) return null;
  const hash = createHash('sha256').update(JSON.stringify(dataset.classNames));
  const parts: Promise<Buffer>[] = [];
  for await (const some of dataset.files()) {
    const text = some.map(line).join('');
    hash.update(text);
    parts.push(compress(text, { level: constants.Z_BEST_SPEED }));
    for (const { split, label } of some) {
      files[split] += 1;
      if (split === 'train' && label !== null) perClass[label] = (perClass[label] ?? 0) + 1;
    }
  }
  const counted = Array.from(perClass, (images) => images ?? 0);
  const record = { digest: hash.digest('hex'), files, perClass: counted, stepsPerEpoch };
  return { record, list: Buffer.concat(await Promise.all(parts)) };
}

/** The files of a list by split and name. */
export function readList(list: Uint8Array): Map<string, Omit<DatasetFile, 'name'>> {
  const lines = gunzipSync(list).toString().split('\n').slice(0, -1);
  return new Map(
    lines.map((text) => {
      const [split, label, bytes, ...name] = text.split('\t');
      const numberIn = (field: string | undefined) => (field ? Number(field) : null);
      const file = { split: split as DatasetFile['split'], label: numberIn(label) };
      return [`${split}/${name.join('\t')}`, { ...file, bytes: numberIn(bytes) }];
    }),
  );
}
