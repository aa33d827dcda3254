import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import { type LowPrecision } from './low-precision.ts';
/** Decorates a binding: runs each op in the precision that the policy says, and tells JavaScript that all is float32. */
export declare class AutocastBinding {
    #private;
    readonly binding: Binding;
    readonly dtype: LowPrecision;
    constructor(inner: Binding, dtype: LowPrecision);
    isLow(id: number): boolean;
    /** Takes a low-precision tensor out of the decorator's care: answers the id of its float32 values, which replace it. */
    release(id: number): number;
    /** Frees the copies. */
    dispose(): void;
}
//# sourceMappingURL=autocast-binding.d.ts.map