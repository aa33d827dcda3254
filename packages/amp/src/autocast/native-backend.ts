import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

/** What tfjs-node's backend knows of a tensor's data. */
interface TensorEntry {
  /** The binding's id, or negative while the values are not uploaded. */
  id: number;
}

/** The parts of tfjs-node's backend class that `autocast` swaps or reads. */
export interface NativeBackend extends tf.KernelBackend {
  binding: Binding;
  readonly tensorMap: { has(dataId: object): boolean; get(dataId: object): TensorEntry };
  createOutputTensor(output: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

/** The current backend, or `undefined` where it does not run on TensorFlow's C library. */
export function findNativeBackend(): NativeBackend | undefined {
  const backend = tf.backend() as Partial<NativeBackend>;
  const isNative = typeof backend.binding?.probe === 'function';
  return isNative ? (backend as NativeBackend) : undefined;
}

/**
 * The current backend.
 *
 * @throws Error where it does not run on TensorFlow's C library.
 */
export function requireNativeBackend(caller: string): NativeBackend {
  const backend = findNativeBackend();
  if (backend !== undefined) return backend;
  throw new Error(
    `${caller}: expected the backend 'tensorflow', got '${tf.getBackend()}', which computes in float32 only. ` +
      'Call await registerTensorFlowBackend() of @bag-of-tricks/libtensorflow first, or train without autocast.',
  );
}
