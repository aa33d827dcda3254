/** A tensor's values, row-major, in the layout of the file: PyTorch's, except for networks that save TensorFlow.js's. */
export interface StateDictEntry {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name, running statistics included. */
export type StateDict = Readonly<Record<string, StateDictEntry>>;
