import * as tf from '@tensorflow/tfjs-core';
import type { GraphBinding } from './graph-binding.ts';

/** Kernels of tfjs-node that read their inputs, only to check what TensorFlow checks again when it runs them. */
const checkingKernels = [tf.GatherV2];

/** Runs `trace` while kernels that read values to check them are shown none. */
export function withoutValueChecks<T>(graph: GraphBinding, trace: () => T): T {
  const stock = checkingKernels.map((name) => tf.getKernel(name, 'tensorflow'));
  for (const kernel of stock) {
    replace({
      ...kernel,
      kernelFunc: (call) => graph.withoutChecks(() => kernel.kernelFunc(call)),
    });
  }
  try {
    return trace();
  } finally {
    stock.forEach(replace);
  }
}

function replace(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
