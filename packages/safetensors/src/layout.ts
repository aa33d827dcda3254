import { dtypeNames, dtypeRank, isDtype, tensorByteLength } from './dtype.ts';
import { LENGTH_BYTES, MAX_HEADER_BYTES } from './header.ts';
import { quote, type TensorInfo } from './tensor.ts';

/** Text by key, written as the header's `__metadata__`. */
export type Metadata = Readonly<Record<string, string>>;

/** A tensor's place in a file that is about to be written. */
export interface PlacedTensor<Entry> {
  readonly name: string;
  readonly entry: Entry;
  readonly start: number;
  readonly byteLength: number;
}

/** A file that is about to be written. */
export interface Layout<Entry> {
  /** Length and header: everything before the data. */
  readonly head: Uint8Array;
  /** In the order of the data. */
  readonly tensors: readonly PlacedTensor<Entry>[];
  readonly dataBytes: number;
}

/**
 * Orders tensors as the reference implementation does, by dtype (largest first), then by name in UTF-8, and renders the header: metadata first,
 * no white space, spaces up to a multiple of 8 bytes so that the data is aligned.
 */
export function layOut<Entry extends TensorInfo>(
  entries: Iterable<readonly [name: string, tensor: Entry]>,
  metadata: Metadata | undefined,
  source: string,
): Layout<Entry> {
  const encoder = new TextEncoder();
  const checked = [...entries].map(([name, entry]) => ({
    name,
    entry,
    byteLength: checkEntry(name, entry, source),
    key: encoder.encode(name),
  }));
  checked.sort(
    (a, b) => dtypeRank(b.entry.dtype) - dtypeRank(a.entry.dtype) || compareBytes(a.key, b.key),
  );
  checkDistinct(
    checked.map(({ name }) => name),
    source,
  );
  const parts =
    metadata === undefined ? [] : [`"__metadata__":${renderMetadata(metadata, source)}`];
  let dataBytes = 0;
  const tensors = checked.map(({ name, entry, byteLength }) => {
    const start = dataBytes;
    dataBytes += byteLength;
    parts.push(
      `${JSON.stringify(name)}:{"dtype":"${entry.dtype}","shape":[${entry.shape.join()}],"data_offsets":[${start},${dataBytes}]}`,
    );
    return { name, entry, start, byteLength };
  });
  return { head: renderHead(encoder.encode(`{${parts.join()}}`), source), tensors, dataBytes };
}

function renderHead(json: Uint8Array, source: string): Uint8Array {
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new RangeError(
      `${source}: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}. Shorten the metadata or split the file.`,
    );
  }
  const head = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, LENGTH_BYTES);
  return head;
}

function renderMetadata(metadata: Metadata, source: string): string {
  const pairs = Object.entries(metadata).map(([key, value]) => {
    if (typeof value !== 'string') {
      throw new TypeError(
        `${source}: expected the metadata value of ${quote(key)} to be a string, got ${typeof value}. Use String(value) or JSON.stringify.`,
      );
    }
    checkText(key, `metadata key ${quote(key)}`, source);
    checkText(value, `metadata value of ${quote(key)}`, source);
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  });
  return `{${pairs.join()}}`;
}

function checkEntry(name: string, { dtype, shape }: TensorInfo, source: string): number {
  if (typeof name !== 'string' || name === '__metadata__') {
    throw new TypeError(
      `${source}: expected a tensor name other than "__metadata__", got ${name}. Rename the tensor.`,
    );
  }
  checkText(name, `tensor name ${quote(name)}`, source);
  if (!isDtype(dtype)) {
    throw new TypeError(
      `${source}: expected the dtype of tensor ${quote(name)} to be one of ${dtypeNames()}, got ${dtype}.`,
    );
  }
  const isShape = shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0);
  const byteLength = isShape ? tensorByteLength(dtype, shape) : undefined;
  if (byteLength === undefined) {
    throw new RangeError(
      `${source}: expected the shape of tensor ${quote(name)} to be integers >= 0 that make whole bytes of ${dtype}, got [${shape}].`,
    );
  }
  return byteLength;
}

function checkText(text: string, what: string, source: string): void {
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError(
      `${source}: expected the ${what} to be well-formed text, got half a surrogate pair. Remove it.`,
    );
  }
}

function checkDistinct(names: readonly string[], source: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new Error(
        `${source}: expected distinct names, got two tensors named ${quote(name)}. Rename one.`,
      );
    }
    seen.add(name);
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
