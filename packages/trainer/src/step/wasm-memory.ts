/** Says what to do where a step does not fit into the memory of wasm, of which TensorFlow.js only notices that it writes beyond it; other errors stay as they are. */
export function explainWasmMemory(error: unknown): unknown {
  // As WebAssembly names its traps.
  if (!(error instanceof Error) || error.name !== 'RuntimeError') return error;
  return new Error(
    `backend: expected a step that fits into the memory of wasm, at most 4 GB, got '${error.message}'. Take fewer images a step (--batch-size, for an evaluation --val-batch-size), or smaller ones`,
    { cause: error },
  );
}
