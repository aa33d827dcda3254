import type { NodeBackend } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

/** Runs `action` while the backend says that it has a GPU: graphs are traced as there, and run on the CPU. */
export async function pretendGpu<T>(action: () => Promise<T>): Promise<T> {
  const { binding } = tf.backend() as NodeBackend;
  Object.defineProperty(binding, 'isUsingGpuDevice', { value: () => true, configurable: true });
  try {
    return await action();
  } finally {
    // The method of the class shows again.
    Reflect.deleteProperty(binding, 'isUsingGpuDevice');
  }
}
