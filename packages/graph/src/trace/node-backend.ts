import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

/** What tfjs-node's backend knows of a tensor's data. */
export interface TensorEntry {
  readonly shape: number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  /** The binding's id, or negative while the values are not uploaded. */
  id: number;
  /** Values from JavaScript that are not uploaded yet. */
  values: tf.BackendValues | null;
  refCount: number;
}

/** The map from tfjs's data ids to entries (tfjs-core's `DataStorage`). */
export interface TensorMap {
  get(dataId: object): TensorEntry;
  has(dataId: object): boolean;
  set(dataId: object, entry: TensorEntry): void;
  delete(dataId: object): boolean;
  numDataIds(): number;
}

/** The parts of tfjs-node's backend class that a trace swaps, and the one that makes tensors of outputs. */
export interface NodeBackend extends tf.KernelBackend {
  binding: Binding;
  tensorMap: TensorMap;
  /** The binding's ids; values from JavaScript that were not uploaded yet are now. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(output: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

/**
 * The registered backend that runs on TensorFlow's C library.
 *
 * @throws if it is missing, or not the current one.
 */
export function requireNodeBackend(caller: string): NodeBackend {
  const backend = tf.findBackend('tensorflow') as NodeBackend | null;
  if (backend === null || tf.getBackend() !== 'tensorflow') {
    throw new Error(
      `${caller}: expected the current backend to be 'tensorflow', got '${tf.getBackend()}'. Call await tf.setBackend('tensorflow') first.`,
    );
  }
  return backend;
}
