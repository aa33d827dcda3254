import {
  engine,
  type GradConfig,
  getBackend,
  getKernel,
  mul,
  Relu,
  step,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** From relu's output alone, where the stock gradient builds ones of its shape in JavaScript. */
export const reluGradient: GradConfig = {
  kernelName: Relu,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => reluGrad(dy as Tensor, y!) }),
};

function reluGrad(dy: Tensor, y: Tensor): Tensor {
  // tfjs keeps one gradient for all backends; only ours has the kernel.
  if (getKernel('ReluGrad', getBackend()) === undefined) return mul(dy, step(y));
  return engine().runKernel('ReluGrad', { dy, y }) as Tensor;
}
