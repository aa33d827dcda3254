import type { TensorFlowApi } from './api.ts';
import type { Pointer } from './prototype.ts';

/** Lets `fill` write into a new `TF_Buffer` and returns a copy of its bytes. */
export async function bytesOf(
  api: TensorFlowApi,
  fill: (buffer: Pointer) => void | Promise<void>,
): Promise<Uint8Array> {
  const buffer = api.TF_NewBuffer();
  try {
    await fill(buffer);
    // struct TF_Buffer { const void* data; size_t length; ... }
    const [data, length] = readWords(api, buffer, 2);
    const bytes = new Uint8Array(Number(length));
    if (bytes.byteLength > 0) api.memcpy(bytes, data!, bytes.byteLength);
    return bytes;
  } finally {
    api.TF_DeleteBuffer(buffer);
  }
}

function readWords(api: TensorFlowApi, from: Pointer, count: number): BigUint64Array {
  const words = new BigUint64Array(count);
  api.memcpy(words, from, words.byteLength);
  return words;
}
