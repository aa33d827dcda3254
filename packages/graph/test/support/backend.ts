import '@tensorflow/tfjs';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { beforeAll } from 'vitest';

/** Makes TensorFlow's C library the backend of a test file, as `LIBTENSORFLOW_PATH` or the user's cache has it. */
export function useTensorFlow(): void {
  beforeAll(async () => {
    await registerTensorFlowBackend();
  }, 120_000);
}
