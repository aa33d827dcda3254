import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import { ConvolutionTrial } from './convolution-trial.ts';
import { type LowPrecision, lowTypes, unitRoundoff } from './low-precision.ts';
import type { NativeBackend } from './native-backend.ts';

/** What a device was seen to do. */
export interface PrecisionProbe {
  readonly dtype: LowPrecision;
  /**
   * `fast`: the device's own kernels compute in the type, right and no slower than in float32. `emulated`: they do not, so
   * `autocast` computes in float32 on operands rounded to the type, and rounds the result.
   */
  readonly native: 'fast' | 'emulated';
  /**
   * The largest error of its own convolution and the two gradients of that, relative to float32 on the same operands (2-norm).
   * One rounding is 2.1e-4 in float16 and 1.7e-3 in bfloat16. `null`: they fail, or it is a GPU, which is believed.
   */
  readonly error: number | null;
  /** Their time over that of float32. `null`: not measured, as the error tells already, or on a GPU. */
  readonly timeOverFloat32: number | null;
}

/** Few enough terms for a moment, and enough for sums in a low type to go wrong. */
const small = { batch: 2, size: 8, channels: 16 };
/** Some milliseconds, in which the work outweighs the call. */
const large = { batch: 8, size: 14, channels: 64 };

const known = new WeakMap<NativeBackend, Map<LowPrecision, PrecisionProbe>>();

/** What the backend's device does in `dtype`, found out once. Works inside of `compile` too. */
export function probe(caller: string, backend: NativeBackend, dtype: LowPrecision): PrecisionProbe {
  let probes = known.get(backend);
  if (probes === undefined) {
    probes = new Map();
    known.set(backend, probes);
  }
  let found = probes.get(dtype);
  if (found === undefined) {
    found = measure(caller, backend.binding, dtype);
    probes.set(dtype, found);
  }
  return found;
}

/**
 * Runs convolutions in `dtype` and in float32.
 *
 * @throws Error where the device cannot even round to the type, or is a GPU that cannot compute in it.
 */
export function measure(caller: string, binding: Binding, dtype: LowPrecision): PrecisionProbe {
  return binding.probe((eager) => {
    const trial = (shape: typeof small) => {
      try {
        return new ConvolutionTrial(eager, shape, lowTypes[dtype]);
      } catch (error) {
        throw cannot(caller, dtype, error);
      }
    };
    const tell = (native: 'fast' | 'emulated', error: number | null, time: number | null = null) =>
      ({ dtype, native, error, timeOverFloat32: time }) as const;

    const exactness = trial(small);
    let error: number;
    try {
      error = exactness.error();
    } catch (reason) {
      if (eager.isUsingGpuDevice()) throw cannot(caller, dtype, reason);
      return tell('emulated', null);
    } finally {
      exactness.dispose();
    }
    // There, times of so little work tell nothing, and float32 may itself be of fewer bits (TF32).
    if (eager.isUsingGpuDevice()) return tell('fast', null);
    if (!(error <= unitRoundoff[dtype])) return tell('emulated', error);

    const speed = trial(large);
    try {
      const [low, float32] = speed.times();
      return tell(low <= float32 ? 'fast' : 'emulated', error, low / float32);
    } finally {
      speed.dispose();
    }
  });
}

function cannot(caller: string, dtype: LowPrecision, cause: unknown): Error {
  return new Error(
    `${caller}: expected a device that computes in ${dtype}, but a probe failed: ${(cause as Error).message} Use another dtype, or train in float32.`,
    { cause },
  );
}
