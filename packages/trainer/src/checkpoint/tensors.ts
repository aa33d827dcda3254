import { type SafetensorsTensor, toFloat32Array } from '@bag-of-tricks/safetensors';

/** A float32 array with its shape, in the layout of the file. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Float32 arrays as safetensors entries; the bytes are views, not copies. */
export function toSafetensors(
  arrays: Readonly<Record<string, NamedArray>>,
): Map<string, SafetensorsTensor> {
  return new Map(
    Object.entries(arrays).map(([name, { shape, data }]) => [
      name,
      { dtype: 'F32', shape, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) },
    ]),
  );
}

/** The inverse of `toSafetensors`, for any float type of the file. */
export function fromSafetensors(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
): Record<string, NamedArray> {
  return Object.fromEntries(
    [...tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: toFloat32Array(tensor) },
    ]),
  );
}
