import { type SafetensorsTensor } from '@bag-of-tricks/safetensors';
/** A float32 array with its shape, in the layout of the file. */
export interface NamedArray {
    readonly shape: readonly number[];
    readonly data: Float32Array;
}
/** Float32 arrays as safetensors entries; the bytes are views, not copies. */
export declare function toSafetensors(arrays: Readonly<Record<string, NamedArray>>): Map<string, SafetensorsTensor>;
/** The inverse of `toSafetensors`, for any float type of the file. */
export declare function fromSafetensors(tensors: ReadonlyMap<string, SafetensorsTensor>): Record<string, NamedArray>;
//# sourceMappingURL=tensors.d.ts.map