import {
  type GradConfig,
  Mean,
  type MeanAttrs,
  mul,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';
import { spread } from './spread.ts';

/** Divides `dy` before it is repeated, where the stock gradient builds ones of the input's shape in JavaScript. */
export const meanGradient: GradConfig = {
  kernelName: Mean,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => {
    const { shape } = x!;
    const axes = util.parseAxisParam((attrs as unknown as MeanAttrs).axis, shape);
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
    return { x: () => spread(mul(dy as Tensor, 1 / count), shape, axes) };
  },
};
