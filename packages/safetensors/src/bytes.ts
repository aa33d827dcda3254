import { quote } from './tensor.ts';

/** The bytes behind a view, without a copy; throws when they are not as many as dtype and shape say. */
export function checkedBytes(
  name: string,
  data: ArrayBufferView,
  byteLength: number,
  source: string,
): Uint8Array {
  if (!ArrayBuffer.isView(data)) {
    throw new TypeError(
      `${source}: expected the data of tensor ${quote(name)} to be a typed array, got ${typeof data}.`,
    );
  }
  if (data.byteLength !== byteLength) {
    throw new RangeError(
      `${source}: expected ${byteLength} bytes for tensor ${quote(name)}, got ${data.byteLength}. Check its dtype and shape.`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
