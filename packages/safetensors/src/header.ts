import { type Dtype, dtypeNames, isDtype, tensorByteLength } from './dtype.ts';
import { JsonReader } from './json-reader.ts';
import { quote, type TensorInfo } from './tensor.ts';

/** Bytes of the little-endian length that opens every file. */
export const LENGTH_BYTES = 8;

/** Longest header that is read or written, in bytes: the reference implementation's bound against hostile files. */
export const MAX_HEADER_BYTES = 100_000_000;

/** A tensor's place in the data part of the file, in bytes. */
export interface HeaderEntry extends TensorInfo {
  readonly start: number;
  readonly end: number;
}

export interface Header {
  /** By name, in the order of the data. */
  readonly tensors: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Length of the header from the first 8 bytes; throws when a file of `fileBytes` cannot hold it. */
export function readHeaderLength(prefix: Uint8Array, fileBytes: number, source: string): number {
  if (fileBytes < LENGTH_BYTES) {
    throw new Error(
      `${source}: expected at least ${LENGTH_BYTES} bytes, got ${fileBytes}. The file is truncated, or no safetensors file.`,
    );
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER_BYTES) {
    throw new Error(
      `${source}: this is no safetensors file: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}. Check the path, or download or convert the file again.`,
    );
  }
  if (length > fileBytes - LENGTH_BYTES) {
    throw new Error(
      `${source}: expected a header of ${length} bytes, got ${fileBytes - LENGTH_BYTES}. The file is truncated, or no safetensors file.`,
    );
  }
  return length;
}

/** Parses the header and checks it against the `dataBytes` that follow it. */
export function parseHeader(bytes: Uint8Array, dataBytes: number, source: string): Header {
  const reader = new JsonReader(decode(bytes, source), source);
  const entries: [name: string, entry: HeaderEntry][] = [];
  let metadata: Record<string, string> = {};
  reader.object('the header', (name) => {
    if (name === '__metadata__') metadata = readMetadata(reader);
    else entries.push([name, readEntry(reader, name)]);
  });
  reader.end();
  // A tensor without elements may share its start with its successor, hence the end as second key.
  entries.sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  checkLayout(entries, dataBytes, source);
  return { tensors: new Map(entries), metadata };
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${source}: expected the header to be UTF-8. The file is damaged.`, { cause });
  }
}

function readMetadata(reader: JsonReader): Record<string, string> {
  const entries: [string, string][] = [];
  if (!reader.takeIf('null')) {
    reader.object('__metadata__', (key) => entries.push([key, reader.string()]));
  }
  return Object.fromEntries(entries);
}

function readEntry(reader: JsonReader, name: string): HeaderEntry {
  let dtype: Dtype | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  reader.object(`tensor ${quote(name)}`, (key) => {
    if (key === 'dtype') dtype = readDtype(reader, name);
    else if (key === 'shape') shape = reader.naturals();
    else if (key === 'data_offsets') offsets = reader.naturals();
    else reader.fail(`tensor ${quote(name)} has the unknown field ${quote(key)}`);
  });
  if (!dtype || !shape || !offsets) {
    return reader.fail(`tensor ${quote(name)} lacks dtype, shape or data_offsets`);
  }
  const [start, end] = offsets;
  if (start === undefined || end === undefined || offsets.length > 2) {
    return reader.fail(
      `expected data_offsets of tensor ${quote(name)} to be [start, end], got ${offsets.length} numbers`,
    );
  }
  return { dtype, shape, start, end };
}

function readDtype(reader: JsonReader, name: string): Dtype {
  const dtype = reader.string();
  return isDtype(dtype)
    ? dtype
    : reader.fail(
        `expected the dtype of tensor ${quote(name)} to be one of ${dtypeNames()}, got ${quote(dtype)}`,
      );
}

function checkLayout(
  sorted: readonly [name: string, entry: HeaderEntry][],
  dataBytes: number,
  source: string,
): void {
  let covered = 0;
  for (const [name, { dtype, shape, start, end }] of sorted) {
    const tensor = `${source}: tensor ${quote(name)}`;
    if (start !== covered) {
      throw new Error(
        `${tensor} starts at data byte ${start}, expected ${covered}: ${start < covered ? 'it overlaps the tensor before it' : 'there is a hole before it'}. The file is damaged.`,
      );
    }
    const bytes = tensorByteLength(dtype, shape);
    if (end - start !== bytes) {
      throw new Error(
        `${tensor} of dtype ${dtype} and shape [${shape.slice(0, 16)}] takes ${bytes ?? 'no whole, safe number of'} bytes, but its data_offsets span ${end - start}. The file is damaged.`,
      );
    }
    if (end > dataBytes) {
      throw new Error(
        `${tensor} ends at data byte ${end}, but the file holds ${dataBytes}. The file is truncated: copy or save it again.`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new Error(
      `${source}: the tensors take ${covered} bytes, but the file holds ${dataBytes}. The file is damaged, or something was appended to it.`,
    );
  }
}
