export type { Dtype } from './dtype.ts';
export { toFloat32Array } from './float32.ts';
export type { Metadata } from './layout.ts';
export { parseSafetensors } from './parse.ts';
export { type SerializeOptions, serializeSafetensors } from './serialize.ts';
export type { Safetensors, SafetensorsInput, SafetensorsTensor, TensorInfo } from './tensor.ts';
export { type NativeArray, toTypedArray } from './typed-array.ts';
