import {
  engine,
  type GradConfig,
  mul,
  Relu,
  Relu6,
  step,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { canRun } from './can-run.ts';

/** From relu's output alone, where the stock gradient builds ones of its shape in JavaScript. */
export const reluGradient: GradConfig = {
  kernelName: Relu,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => gate('ReluGrad', dy as Tensor, y!, step) }),
};

/** From relu6's output alone, where the stock gradient keeps the input too; 0 at 6 and above, as in TensorFlow and PyTorch. */
export const relu6Gradient: GradConfig = {
  kernelName: Relu6,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () => gate('Relu6Grad', dy as Tensor, y!, (open) => mul(step(open), step(sub(6, open)))),
  }),
};

/** Lets `dy` through where the output says so, by one op where there is one. */
function gate(kernel: string, dy: Tensor, y: Tensor, mask: (y: Tensor) => Tensor): Tensor {
  if (!canRun(kernel)) return mul(dy, mask(y));
  return engine().runKernel(kernel, { dy, y }) as Tensor;
}
