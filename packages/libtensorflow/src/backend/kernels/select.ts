import { backend_util, cast, type KernelConfig, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** tfjs-node's kernel, but for two types: it names the wider one to TensorFlow, and must hand over tensors of it. */
export function selectKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const { condition, t, e } = call.inputs as { condition: Tensor; t: Tensor; e: Tensor };
      if (t.dtype === e.dtype) return stock.kernelFunc(call);
      const dtype = backend_util.upcastType(t.dtype, e.dtype);
      return tidy(() => {
        const inputs = { condition, t: cast(t, dtype), e: cast(e, dtype) };
        return stock.kernelFunc({ ...call, inputs }) as Tensor;
      });
    },
  };
}
