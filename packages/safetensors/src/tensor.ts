import type { Dtype } from './dtype.ts';

/** What the header says about a tensor. */
export interface TensorInfo {
  readonly dtype: Dtype;
  /** Row-major; an empty shape is a scalar. */
  readonly shape: readonly number[];
}

/** A tensor that was read: little-endian, row-major bytes. */
export interface SafetensorsTensor extends TensorInfo {
  readonly data: Uint8Array;
}

/** The contents of a file. */
export interface Safetensors {
  /** Tensors by name, in the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  /** The `__metadata__` entry: text by key; empty when the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor to write: any view of little-endian bytes, such as a Float32Array for F32. */
export interface SafetensorsInput extends TensorInfo {
  readonly data: ArrayBufferView;
}

/** A name for an error message: quoted, and cut when a hostile file made it long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}
