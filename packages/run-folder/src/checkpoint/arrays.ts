import {
  parseSafetensors,
  type SafetensorsTensor,
  serializeSafetensors,
  toFloat32Array,
} from '@bag-of-tricks/safetensors';

/** The values of a tensor. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Arrays by name. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** Arrays as the bytes of a `.safetensors` file. */
export function serializeArrays(
  arrays: NamedArrays,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const tensors = Object.entries(arrays).map(([name, { shape, data }]) => {
    const dtype = data instanceof Int32Array ? 'I32' : 'F32';
    return [name, { dtype, shape, data }] as const;
  });
  return serializeSafetensors(tensors, { metadata });
}

/** A copy, for the file's bytes may begin anywhere; the `slice` of a Node buffer would be none. */
export const int32 = ({ data }: SafetensorsTensor) => new Int32Array(new Uint8Array(data).buffer);

/** The inverse of `serializeArrays`, for any float type of the file. */
export function parseArrays(bytes: Uint8Array): Record<string, NamedArray> {
  const arrays = [...parseSafetensors(bytes).tensors].map(([name, tensor]) => {
    const data = tensor.dtype === 'I32' ? int32(tensor) : toFloat32Array(tensor);
    return [name, { shape: tensor.shape, data }];
  });
  return Object.fromEntries(arrays);
}
