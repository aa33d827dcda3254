import { activeScope } from './active-scope.ts';
import { checkLowPrecision, type LowPrecision } from './low-precision.ts';
import { findNativeBackend, requireNativeBackend } from './native-backend.ts';
import { type PrecisionProbe, probe } from './probe.ts';

export interface ProbePrecisionOptions {
  readonly dtype: LowPrecision;
}

/**
 * Runs a convolution and its gradients in `dtype` and says what the device makes of them (He et al. 2019, section 3.2).
 *
 * `native` is `'fast'` where the device's own kernels are as exact as one rounding and no slower than float32: GPUs, and
 * bfloat16 on CPUs with AVX512-BF16, AMX or ARM's BF16. Elsewhere it is `'emulated'`: `autocast` then computes in float32 on
 * operands rounded to `dtype`, which is as exact as hardware, and slower than float32. `error` and `timeOverFloat32` are the
 * evidence. Measured once for each backend and dtype, in some milliseconds.
 *
 * @example
 * ```ts no-run
 * import { probePrecision } from '@bag-of-tricks/amp';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 *
 * await registerTensorFlowBackend();
 * console.log(probePrecision({ dtype: 'bfloat16' }));
 * // with AMX: { dtype: 'bfloat16', native: 'fast', error: 0.0017, timeOverFloat32: 0.6 }
 * // with AVX2: { dtype: 'bfloat16', native: 'emulated', error: 0.012, timeOverFloat32: null }
 * ```
 *
 * Where implementations differ: PyTorch runs what it is asked to, slow or not, and says nothing.
 *
 * @throws TypeError for another `dtype`; Error inside of `autocast`, or on a backend or a device that cannot do it.
 */
export function probePrecision({ dtype }: ProbePrecisionOptions): PrecisionProbe {
  checkLowPrecision('probePrecision', dtype);
  const backend = requireNativeBackend('probePrecision');
  if (activeScope() !== undefined) {
    throw new Error(
      'probePrecision: expected to run outside of autocast. Call it once, before training.',
    );
  }
  return probe('probePrecision', backend, dtype);
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
export function fastPrecision(): LowPrecision | undefined {
  const backend = findNativeBackend();
  if (backend === undefined) return undefined;
  const order = backend.binding.isUsingGpuDevice()
    ? (['float16', 'bfloat16'] as const)
    : (['bfloat16', 'float16'] as const);
  return order.find((dtype) => probe('fastPrecision', backend, dtype).native === 'fast');
}
