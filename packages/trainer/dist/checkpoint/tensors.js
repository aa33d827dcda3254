import { toFloat32Array } from '@bag-of-tricks/safetensors';
/** Float32 arrays as safetensors entries; the bytes are views, not copies. */
export function toSafetensors(arrays) {
    return new Map(Object.entries(arrays).map(([name, { shape, data }]) => [
        name,
        { dtype: 'F32', shape, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) },
    ]));
}
/** The inverse of `toSafetensors`, for any float type of the file. */
export function fromSafetensors(tensors) {
    return Object.fromEntries([...tensors].map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: toFloat32Array(tensor) },
    ]));
}
//# sourceMappingURL=tensors.js.map