import type { ClipByValueAttrs, KernelConfig } from '@tensorflow/tfjs-core';

/** tfjs-node's kernel, but with bounds that int32 has: it turned `Infinity` into 0, and so all numbers. */
export function clipByValueKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      if (call.inputs.x!.dtype !== 'int32') return stock.kernelFunc(call);
      const { clipValueMin, clipValueMax } = call.attrs as unknown as ClipByValueAttrs;
      const attrs = { clipValueMin: toInt32(clipValueMin), clipValueMax: toInt32(clipValueMax) };
      return stock.kernelFunc({ ...call, attrs });
    },
  };
}

function toInt32(value: number): number {
  return Math.trunc(Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1));
}
