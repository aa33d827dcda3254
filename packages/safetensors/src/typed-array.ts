import type { SafetensorsTensor } from './tensor.ts';

const ARRAYS = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  U32: Uint32Array,
  I32: Int32Array,
  U64: BigUint64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  F64: Float64Array,
} as const;

/** A typed array that JavaScript has for a dtype of the format. */
export type NativeArray = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/**
 * A tensor's numbers in the typed array of its own dtype: F32 as Float32Array, I64 as BigInt64Array, BOOL as Uint8Array of 0 and 1.
 *
 * A view of the tensor's bytes where they are aligned, else a copy.
 *
 * @example
 * ```ts
 * import { toTypedArray } from '@bag-of-tricks/safetensors';
 *
 * toTypedArray({ dtype: 'I16', shape: [2], data: Uint8Array.of(1, 0, 255, 255) }); // Int16Array [1, -1]
 * ```
 *
 * @throws TypeError for a dtype without a typed array: F16 and BF16 (see `toFloat32Array`), C64 and the formats of 8 bits and fewer.
 */
export function toTypedArray({ dtype, data }: SafetensorsTensor): NativeArray {
  if (!Object.hasOwn(ARRAYS, dtype)) {
    throw new TypeError(
      `toTypedArray: expected a dtype out of ${Object.keys(ARRAYS).join(', ')}, got ${dtype}. F16 and BF16 go through toFloat32Array.`,
    );
  }
  const NativeArray = ARRAYS[dtype as keyof typeof ARRAYS];
  const size = NativeArray.BYTES_PER_ELEMENT;
  const { buffer, byteOffset } = alignedBytes(data, size);
  return new NativeArray(buffer as ArrayBuffer, byteOffset, data.byteLength / size);
}

/** The same bytes at an offset that is a multiple of `size`; copied only when they are not there already. */
export function alignedBytes(data: Uint8Array, size: number): Uint8Array {
  // Not data.slice(): on a Node Buffer that is another view of the same bytes.
  return data.byteOffset % size === 0 ? data : new Uint8Array(data);
}
