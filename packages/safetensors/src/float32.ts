import type { SafetensorsTensor } from './tensor.ts';
import { alignedBytes, toTypedArray } from './typed-array.ts';

/**
 * A floating-point tensor's numbers as a Float32Array: F32, F16 and BF16 exactly, F64 rounded to the nearest.
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
 * @throws TypeError for a tensor that is not F32, F16, BF16 or F64.
 */
export function toFloat32Array(tensor: SafetensorsTensor): Float32Array {
  switch (tensor.dtype) {
    case 'F32':
      return toTypedArray(tensor) as Float32Array;
    case 'F64':
      return Float32Array.from(toTypedArray(tensor) as Float64Array);
    case 'F16':
      return convert16(tensor.data, float16Bits);
    case 'BF16':
      return convert16(tensor.data, (bits) => bits << 16);
    default:
      throw new TypeError(
        `toFloat32Array: expected F32, F16, BF16 or F64, got ${tensor.dtype}. Use toTypedArray for integers.`,
      );
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
