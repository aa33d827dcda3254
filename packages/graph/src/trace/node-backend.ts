import type { NodeBackend } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

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
