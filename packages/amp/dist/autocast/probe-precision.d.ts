import { type LowPrecision } from './low-precision.ts';
/** What a device was seen to do. */
export interface PrecisionProbe {
    readonly dtype: LowPrecision;
    /** `fast`: the device has instructions for it. `emulated`: it computes in float32 and rounds, slower than float32 itself. */
    readonly native: 'fast' | 'emulated';
}
export interface ProbePrecisionOptions {
    readonly dtype: LowPrecision;
    /** The CPU's flags as in /proc/cpuinfo. Default: those of this machine. */
    readonly cpuFlags?: ReadonlySet<string>;
}
/**
 * Runs one convolution in `dtype` and says whether the device does it fast (He et al. 2019, section 3.2).
 *
 * On a GPU both types count as fast. On a CPU only bfloat16 can be, with `avx512_bf16` or `amx_bf16` (x64) or `bf16` (ARM);
 * float16 is emulated on every CPU. Call it outside of `compile`, where an op truly runs.
 *
 * @example
 * ```ts no-run
 * import { probePrecision } from '@bag-of-tricks/amp';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 *
 * await registerTensorFlowBackend();
 * console.log(probePrecision({ dtype: 'bfloat16' })); // { dtype: 'bfloat16', native: 'fast' }
 * ```
 *
 * Where implementations differ: PyTorch runs what it is asked to, slow or not, and says nothing.
 *
 * @throws TypeError for another `dtype`; Error on a backend or a device that cannot do it.
 */
export declare function probePrecision({ dtype, cpuFlags, }: ProbePrecisionOptions): PrecisionProbe;
/**
 * The low precision that the current device computes fast: FP16 on a GPU, as in the paper, BF16 on a CPU that has it, else
 * `undefined` (He et al. 2019, section 3.2).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { fastPrecision } from '@bag-of-tricks/amp';
 *
 * await tf.setBackend('cpu');
 * console.log(fastPrecision()); // undefined: this backend computes in float32 only
 * ```
 */
export declare function fastPrecision(cpuFlags?: ReadonlySet<string>): LowPrecision | undefined;
//# sourceMappingURL=probe-precision.d.ts.map