import type { NodeBackend } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

export type NativeBackend = NodeBackend;

/** The current backend, or `undefined` where it does not run on TensorFlow's C library. */
export function findNativeBackend(): NativeBackend | undefined {
  const backend = tf.backend() as Partial<NativeBackend>;
  const isNative = typeof backend.withParts === 'function';
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
