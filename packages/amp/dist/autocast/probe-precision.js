import { activeScope } from "./active-scope.js";
import { readCpuFlags } from "./cpu-flags.js";
import { checkLowPrecision } from "./low-precision.js";
import { findNativeBackend, requireNativeBackend } from "./native-backend.js";
import { requireProbe } from "./probe.js";
/** Flags of CPUs on which oneDNN multiplies bfloat16 in hardware; it has no float16 that TensorFlow uses. */
const bfloat16Flags = ['avx512_bf16', 'amx_bf16', 'bf16'];
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
export function probePrecision({ dtype, cpuFlags = readCpuFlags(), }) {
    checkLowPrecision('probePrecision', dtype);
    const backend = requireNativeBackend('probePrecision');
    if (activeScope() !== undefined) {
        throw new Error('probePrecision: expected to run outside of autocast. Call it once, before training.');
    }
    requireProbe('probePrecision', backend, dtype);
    return { dtype, native: isFast(dtype, cpuFlags) ? 'fast' : 'emulated' };
}
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
export function fastPrecision(cpuFlags = readCpuFlags()) {
    if (findNativeBackend() === undefined)
        return undefined;
    return ['float16', 'bfloat16'].find((dtype) => isFast(dtype, cpuFlags));
}
function isFast(dtype, cpuFlags) {
    if (findNativeBackend()?.binding.isUsingGpuDevice())
        return true;
    return dtype === 'bfloat16' && bfloat16Flags.some((flag) => cpuFlags.has(flag));
}
//# sourceMappingURL=probe-precision.js.map