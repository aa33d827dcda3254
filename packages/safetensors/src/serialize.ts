import { checkedBytes } from './bytes.ts';
import { layOut, type Metadata } from './layout.ts';
import type { SafetensorsInput } from './tensor.ts';

export interface SerializeOptions {
  /** Text by key for the header's `__metadata__`. Default: none. */
  readonly metadata?: Metadata;
}

/**
 * Serialises tensors to the bytes of a .safetensors file, byte for byte as the reference implementation does.
 *
 * ```
 * file = length of the header (8 bytes, little-endian) | header (JSON, UTF-8, padded) | data
 * ```
 *
 * `tensors` is a Map or any iterable of [name, {dtype, shape, data}]; `data` is any typed array whose bytes are little-endian and
 * row-major. The order of the tensors does not matter.
 *
 * @example
 * ```ts
 * import { serializeSafetensors } from '@bag-of-tricks/safetensors';
 *
 * const bytes = serializeSafetensors([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]], {
 *   metadata: { format: 'pt' },
 * });
 * bytes.length; // 104
 * ```
 *
 * Where implementations differ: the reference writes several metadata keys in random order; here they keep theirs.
 *
 * @throws RangeError or TypeError that names the tensor whose name, dtype, shape or data cannot be written.
 */
export function serializeSafetensors(
  tensors: Iterable<readonly [name: string, tensor: SafetensorsInput]>,
  { metadata }: SerializeOptions = {},
): Uint8Array {
  const source = 'serializeSafetensors';
  const layout = layOut(tensors, metadata, source);
  const file = new Uint8Array(layout.head.length + layout.dataBytes);
  file.set(layout.head);
  for (const { name, entry, start, byteLength } of layout.tensors) {
    file.set(checkedBytes(name, entry.data, byteLength, source), layout.head.length + start);
  }
  return file;
}
