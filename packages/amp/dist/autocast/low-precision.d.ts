/** The element types of 16 bits that `autocast` computes in. */
export type LowPrecision = 'float16' | 'bfloat16';
/** TensorFlow's number of float32. */
export declare const FLOAT: number;
/** TensorFlow's numbers of the low precisions. */
export declare const lowTypes: Readonly<Record<LowPrecision, number>>;
/** Throws unless `dtype` is one of the two. */
export declare function checkLowPrecision(caller: string, dtype: unknown): asserts dtype is LowPrecision;
//# sourceMappingURL=low-precision.d.ts.map