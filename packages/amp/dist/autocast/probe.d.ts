import { type LowPrecision } from './low-precision.ts';
import type { NativeBackend } from './native-backend.ts';
/** `requireProbe`, once for each backend. */
export declare function requireProbeOnce(caller: string, backend: NativeBackend, dtype: LowPrecision): void;
/**
 * Runs one convolution in `dtype`.
 *
 * @throws Error unless it answers a tensor of that type.
 */
export declare function requireProbe(caller: string, { binding }: NativeBackend, dtype: LowPrecision): void;
//# sourceMappingURL=probe.d.ts.map