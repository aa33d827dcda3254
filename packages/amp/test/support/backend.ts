import '@tensorflow/tfjs';
import { registerTensorFlowBackend, type TensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { autocast } from '../../src/index.ts';

/** Makes TensorFlow's C library the backend of a test file, and frees the tensors of each test. */
export function useTensorFlow(): () => TensorFlowBackend {
  let backend: TensorFlowBackend;
  beforeAll(async () => {
    backend = await registerTensorFlowBackend();
    // So that no test sees the probe's ops.
    for (const dtype of ['float16', 'bfloat16'] as const) autocast({ dtype }, () => {});
  }, 120_000);
  beforeEach(() => tf.engine().startScope());
  afterEach(() => {
    tf.disposeVariables();
    tf.engine().endScope();
  });
  return () => backend;
}
