import type { TensorFlowApi } from './api.ts';
import type { Pointer } from './prototype.ts';

/** The size of a `TF_TString`, TensorFlow's string. */
export const stringBytes = 24;

/** Fills the memory of a new string tensor. */
export function writeStrings(
  api: TensorFlowApi,
  data: Pointer,
  strings: readonly Uint8Array[],
): void {
  strings.forEach((bytes, index) => {
    const target = stringAt(data, index);
    api.TF_StringInit(target);
    api.TF_StringCopy(target, bytes, bytes.byteLength);
  });
}

/** Copies the strings out of the memory of a string tensor. */
export function readStrings(api: TensorFlowApi, data: Pointer, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const source = stringAt(data, index);
    const bytes = new Uint8Array(api.TF_StringGetSize(source));
    if (bytes.byteLength > 0) {
      api.memcpy(bytes, api.TF_StringGetDataPointer(source), bytes.byteLength);
    }
    return bytes;
  });
}

/** Frees what `writeStrings` allocated: the tensor's own deallocator knows nothing of it. */
export function freeStrings(api: TensorFlowApi, data: Pointer, count: number): void {
  for (let index = 0; index < count; index++) api.TF_StringDealloc(stringAt(data, index));
}

/** Strings as the C API takes a list of them: their bytes, and how many each has. */
export function encodeStrings(values: readonly string[]) {
  const strings = values.map((value) => Buffer.from(value));
  return { strings, lengths: BigUint64Array.from(strings, ({ length }) => BigInt(length)) };
}

function stringAt(data: Pointer, index: number): Pointer {
  return data + BigInt(index * stringBytes);
}
