/**
 * Every dtype of the format with its size in bits, in the order of the reference implementation: files list the
 * tensors of the last dtype first, which keeps each aligned to its own size.
 */
const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** Element type of a tensor, as the file spells it. */
export type Dtype = keyof typeof BITS;

const ORDER = Object.keys(BITS);

/** Whether a string is a dtype of the format. */
export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(BITS, name);
}

/** Place of the dtype in the file: tensors with a higher rank come first. */
export function dtypeRank(dtype: Dtype): number {
  return ORDER.indexOf(dtype);
}

/** All dtypes, for an error message. */
export function dtypeNames(): string {
  return ORDER.join(', ');
}

/** Bytes of a tensor, or undefined when that is no whole number below 2 ** 53. */
export function tensorByteLength(dtype: Dtype, shape: readonly number[]): number | undefined {
  let bits: number = BITS[dtype];
  for (const dimension of shape) {
    bits *= dimension;
    if (!Number.isSafeInteger(bits)) return undefined;
  }
  return bits % 8 === 0 ? bits / 8 : undefined;
}
