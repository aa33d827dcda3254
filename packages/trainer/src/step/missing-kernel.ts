/** Of TensorFlow.js's two sentences for a kernel that a backend does not have. */
const missing = /[Kk]ernel '(\w+)' (?:not registered )?for backend '([\w-]+)'/;

/** Says what to do where a backend lacks a kernel that a step needs; other errors stay as they are. */
export function explainMissingKernel(error: unknown): unknown {
  const [, kernel, backend] = missing.exec(error instanceof Error ? error.message : '') ?? [];
  if (kernel === undefined) return error;
  return new Error(
    `backend: expected ${backend} to have the kernel ${kernel}, which this step needs, but TensorFlow.js has none there. Use another backend (--backend cpu has most kernels), or register one by tf.registerKernel`,
    { cause: error },
  );
}
