import { type LowPrecision } from '@bag-of-tricks/amp';
import type { TrainConfig } from '../config/schema.ts';
/** The low precision of a run, which a convolution on this device was seen to answer. */
export interface Precision {
    readonly dtype: LowPrecision;
    /** `emulated`: this device computes in float32 and rounds, slower than float32 itself. */
    readonly native: 'fast' | 'emulated';
    /** What keeps small gradients above zero: a scale that finds its own size, one that stays, or none. */
    readonly lossScale: 'dynamic' | number | null;
}
/**
 * The precision that a configuration means on this device: what the device does fast where none is named, and dynamic loss
 * scaling for float16. Runs an op in it, so call it outside of `compile`; null is float32.
 *
 * @throws Error when none is named and the device does none fast, or when it cannot do the one that is named.
 */
export declare function choosePrecision(amp: TrainConfig['amp'], cpuFlags?: ReadonlySet<string>): Precision | null;
/** The step, in the precision of the run. */
export declare function inPrecision<Inputs, Outputs>(precision: Precision | null, step: (inputs: Inputs) => Outputs): (inputs: Inputs) => Outputs;
//# sourceMappingURL=precision.d.ts.map