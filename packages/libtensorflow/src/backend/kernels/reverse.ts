import {
  gather,
  type KernelConfig,
  type ReverseAttrs,
  range,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';

/** tfjs-node's kernel, but for the first axis on a CPU: there TensorFlow goes element by element, and a gather copies whole rows. */
export function leanReverseKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const x = call.inputs.x as Tensor;
      const { dims } = call.attrs as unknown as ReverseAttrs;
      const [axis, ...others] = [dims].flat();
      const isFirst = others.length === 0 && (axis === 0 || axis === -x.rank);
      const isNumeric = x.dtype === 'float32' || x.dtype === 'int32';
      const onGpu = (call.backend as NodeBackend).binding.isUsingGpuDevice();
      const rows = x.shape[0] ?? 0;
      if (!isFirst || !isNumeric || onGpu || rows === 0) return stock.kernelFunc(call);
      return tidy(() => gather(x, range(rows - 1, -1, -1, 'int32')));
    },
  };
}
