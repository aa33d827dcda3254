/** TensorFlow's number of float32. */
export const FLOAT = 1;
/** TensorFlow's numbers of the low precisions. */
export const lowTypes = {
    float16: 19,
    bfloat16: 14,
};
/** Throws unless `dtype` is one of the two. */
export function checkLowPrecision(caller, dtype) {
    if (dtype !== 'float16' && dtype !== 'bfloat16') {
        throw new TypeError(`${caller}: expected dtype to be 'float16' or 'bfloat16', got ${JSON.stringify(dtype)}. bfloat16 needs no loss scaling.`);
    }
}
//# sourceMappingURL=low-precision.js.map