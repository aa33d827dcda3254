import {
  greaterEqual,
  type KernelConfig,
  mul,
  type Tensor,
  tidy,
  where,
} from '@tensorflow/tfjs-core';

/** `x` where it is at least 0, else `alpha x`. tfjs-node's is NaN at infinity, where it subtracts infinities. */
export function preluKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: ({ inputs }) => {
      const { x, alpha } = inputs as { x: Tensor; alpha: Tensor };
      return tidy(() => where(greaterEqual(x, 0), x, mul(x, alpha)));
    },
  };
}
