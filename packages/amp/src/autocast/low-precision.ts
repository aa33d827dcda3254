import type { DataType } from '@bag-of-tricks/libtensorflow/native';

/** The element types of 16 bits that `autocast` computes in. */
export type LowPrecision = 'float16' | 'bfloat16';

/** TensorFlow's number of float32. */
export const FLOAT: number = 1 satisfies typeof DataType.FLOAT;

/** TensorFlow's numbers of the low precisions. */
export const lowTypes: Readonly<Record<LowPrecision, number>> = {
  float16: 19 satisfies typeof DataType.HALF,
  bfloat16: 14 satisfies typeof DataType.BFLOAT16,
};

/** Half a unit in the last place of 1: what one rounding is off by at most, relative. */
export const unitRoundoff: Readonly<Record<LowPrecision, number>> = {
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

/** Throws unless `dtype` is one of the two. */
export function checkLowPrecision(caller: string, dtype: unknown): asserts dtype is LowPrecision {
  if (dtype !== 'float16' && dtype !== 'bfloat16') {
    throw new TypeError(
      `${caller}: expected dtype to be 'float16' or 'bfloat16', got ${JSON.stringify(dtype)}. bfloat16 needs no loss scaling.`,
    );
  }
}
