import { AutocastBinding } from './autocast-binding.ts';
import type { LowPrecision } from './low-precision.ts';
import type { NativeBackend } from './native-backend.ts';
/** The time in which a backend's binding is decorated. */
export declare class Scope {
    #private;
    readonly autocast: AutocastBinding;
    readonly backend: NativeBackend;
    constructor(backend: NativeBackend, dtype: LowPrecision);
    /** Runs `action` on the decorated binding; what outlives it becomes float32. */
    run<T>(action: () => T): T;
}
//# sourceMappingURL=scope.d.ts.map