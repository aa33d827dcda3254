import { autocast, fastPrecision, probePrecision } from '@bag-of-tricks/amp';
/**
 * The precision that a configuration means on this device: what the device does fast where none is named, and dynamic loss
 * scaling for float16. Runs an op in it, so call it outside of `compile`; null is float32.
 *
 * @throws Error when none is named and the device does none fast, or when it cannot do the one that is named.
 */
export function choosePrecision(amp, cpuFlags) {
    if (!amp)
        return null;
    const dtype = amp.dtype ?? fastPrecision(cpuFlags);
    if (dtype === undefined) {
        throw new Error('amp: expected a device that computes in float16 or bfloat16 fast, but this CPU emulates both, slower than float32. Train in float32 (--no-amp), or force one: --amp-dtype bfloat16');
    }
    const { native } = probePrecision({ dtype, ...(cpuFlags && { cpuFlags }) });
    return { dtype, native, lossScale: amp.lossScale ?? (dtype === 'float16' ? 'dynamic' : null) };
}
/** The step, in the precision of the run. */
export function inPrecision(precision, step) {
    if (!precision)
        return step;
    return (inputs) => autocast({ dtype: precision.dtype }, () => step(inputs));
}
//# sourceMappingURL=precision.js.map