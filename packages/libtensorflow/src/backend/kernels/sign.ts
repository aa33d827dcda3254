import {
  isNaN as isNotANumber,
  type KernelConfig,
  scalar,
  type Tensor,
  tidy,
  where,
} from '@tensorflow/tfjs-core';

/** tfjs-node's kernel, but 0 for NaN, as tfjs's tests want; TensorFlow's op passes NaN on. */
export function signKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const x = call.inputs.x as Tensor;
      if (x.dtype !== 'float32') return stock.kernelFunc(call);
      return tidy(() => where(isNotANumber(x), scalar(0), stock.kernelFunc(call) as Tensor));
    },
  };
}
