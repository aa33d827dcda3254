import type { SafetensorsTensor } from './tensor.ts';
import { alignedBytes, toTypedArray } from './typed-array.ts';

/**
 * A tensor's numbers as a Float32Array: F32, F16 and BF16 exactly, F64 and integers rounded to the nearest, BOOL as 0 and 1.
 *
 * F32 is a view of the tensor's bytes where they are aligned, else a copy; the others are always copies.
 *
 * @example
 * ```ts
 * import { toFloat32Array } from '@bag-of-tricks/safetensors';
 *
 * toFloat32Array({ dtype: 'F16', shape: [2], data: Uint8Array.of(0, 0x3c, 0, 0xc0) }); // Float32Array [1, -2]
 * ```
 *
 * @throws TypeError for C64 and the formats of 8 bits and fewer.
 */
export function toFloat32Array(tensor: SafetensorsTensor): Float32Array {
  switch (tensor.dtype) {
    case 'F32':
      return toTypedArray(tensor) as Float32Array;
    case 'F16':
      return convert16(tensor.data, float16Bits);
    case 'BF16':
      return convert16(tensor.data, (bits) => bits << 16);
    default:
      return Float32Array.from<number | bigint>(toTypedArray(tensor), Number);
  }
}

function convert16(data: Uint8Array, toFloat32Bits: (bits: number) => number): Float32Array {
  const { buffer, byteOffset, byteLength } = alignedBytes(data, 2);
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  return new Float32Array(Uint32Array.from(halves, toFloat32Bits).buffer);
}

/** IEEE half (1 sign, 5 exponent, 10 fraction bits) to the bits of the equal float32 (1, 8, 23). */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal half, fraction * 2 ** -24, is a normal float32: move its leading one to the implicit place.
  const leading = 31 - Math.clz32(fraction);
  return sign | ((leading + 103) << 23) | ((fraction << (23 - leading)) & 0x7fffff);
}
