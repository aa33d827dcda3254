import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../vendor.ts';

/** tfjs-node's kernel, but for whole numbers, which are round already: TensorFlow's op returns zeros for int32 without a word. */
export function roundKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const x = call.inputs.x!;
      if (x.dtype !== 'int32' && x.dtype !== 'bool') return stock.kernelFunc(call);
      (call.backend as NodeBackend).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  };
}
