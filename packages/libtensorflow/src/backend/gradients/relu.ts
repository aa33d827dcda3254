import {
  ClipByValue,
  type ClipByValueAttrs,
  clone,
  engine,
  type GradConfig,
  greaterEqual,
  lessEqual,
  logicalAnd,
  mul,
  Relu,
  Relu6,
  step,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { wasReluClip } from '../kernels/clip.ts';
import { canRun } from './can-run.ts';

/** Gradients that are 0 already wherever an output of relu is 0, by their data; the value is that of the output. */
const gated = new WeakMap<object, object>();

/** From relu's output alone, where the stock gradient builds ones of its shape in JavaScript. */
export const reluGradient: GradConfig = {
  kernelName: Relu,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () => {
      const isGated = gated.get((dy as Tensor).dataId) === y!.dataId;
      return isGated ? clone(dy as Tensor) : gate('ReluGrad', dy as Tensor, y!);
    },
  }),
};

/** From relu6's output alone, where the stock gradient keeps the input too; 0 at 6 and above, as in TensorFlow and PyTorch. */
export const relu6Gradient: GradConfig = {
  kernelName: Relu6,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => gate('Relu6Grad', dy as Tensor, y!) }),
};

/** The stock gradient; but relu and a clip at 6 have that of relu6 together, in one op. */
export const clipGradient: GradConfig = {
  kernelName: ClipByValue,
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dys, saved, attrs) => {
    const [dy, x, y] = [dys, ...saved] as [Tensor, Tensor, Tensor];
    const { clipValueMin, clipValueMax } = attrs as unknown as ClipByValueAttrs;
    return {
      x: () => {
        if (wasReluClip(attrs) && canRun('Relu6Grad')) {
          const dx = gate('Relu6Grad', dy, y);
          gated.set(dx.dataId, x.dataId);
          return dx;
        }
        const isInside = logicalAnd(greaterEqual(x, clipValueMin), lessEqual(x, clipValueMax));
        return where(isInside, dy, zerosLike(dy));
      },
    };
  },
};

/** Lets `dy` through where the output says so, by one op where there is one. */
function gate(kernel: 'ReluGrad' | 'Relu6Grad', dy: Tensor, y: Tensor): Tensor {
  if (canRun(kernel)) return engine().runKernel(kernel, { dy, y }) as Tensor;
  const isPositive = step(y);
  return mul(dy, kernel === 'ReluGrad' ? isPositive : mul(isPositive, step(sub(6, y))));
}
