import { Cast, type DataType, type KernelConfig } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';

/** tfjs-node's kernel, but for a cast of a tensor to its own type, which tfjs's gradients ask for often. */
export function leanCastKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelName: Cast,
    kernelFunc: (call) => {
      const x = call.inputs.x!;
      if (x.dtype !== (call.attrs?.dtype as DataType | undefined)) return stock.kernelFunc(call);
      (call.backend as NodeBackend).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  };
}
