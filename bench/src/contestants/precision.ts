import type { LowPrecision } from '@bag-of-tricks/amp';

/** What a step's matrix products compute in. */
export type Precision = 'float32' | LowPrecision;

/** The choices of `--amp`. */
export const LOW_PRECISIONS: readonly LowPrecision[] = ['bfloat16', 'float16'];
