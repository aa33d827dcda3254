import { LENGTH_BYTES, parseHeader, readHeaderLength } from './header.ts';
import type { Safetensors, SafetensorsTensor } from './tensor.ts';

/**
 * Parses the bytes of a .safetensors file, with every check of the reference implementation and no copy of the data.
 *
 * ```
 * file = length of the header (8 bytes, little-endian) | header (JSON, UTF-8) | data
 * ```
 *
 * Each tensor's `data` is a view into `bytes`. `toFloat32Array` and `toTypedArray` turn it into numbers.
 *
 * @example
 * ```ts
 * import { parseSafetensors, serializeSafetensors, toFloat32Array } from '@bag-of-tricks/safetensors';
 *
 * const bytes = serializeSafetensors([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]);
 * const { tensors } = parseSafetensors(bytes);
 * toFloat32Array(tensors.get('w')!); // Float32Array [1, 2]
 * ```
 *
 * Where implementations differ: stricter than the reference, which takes the last of two tensors or metadata keys of one name, ignores
 * unknown fields of a tensor, and accepts a tensor written as an array.
 *
 * @throws Error that names the tensor and what is wrong with it; TypeError when `bytes` is no Uint8Array.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const source = 'parseSafetensors';
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(
      `${source}: expected a Uint8Array, got ${typeof bytes}. Wrap an ArrayBuffer: new Uint8Array(buffer).`,
    );
  }
  const dataStart = LENGTH_BYTES + readHeaderLength(bytes, bytes.length, source);
  const data = bytes.subarray(dataStart);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), data.length, source);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { dtype, shape, start, end }] of header.tensors) {
    tensors.set(name, { dtype, shape, data: data.subarray(start, end) });
  }
  return { tensors, metadata: header.metadata };
}
