import { type GradConfig, Sum, type SumAttrs, type Tensor, util } from '@tensorflow/tfjs-core';
import { spread } from './spread.ts';

/** Repeats `dy`, where the stock gradient multiplies it by ones that are built in JavaScript. */
export const sumGradient: GradConfig = {
  kernelName: Sum,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => {
    const { axis } = attrs as unknown as SumAttrs;
    return { x: () => spread(dy as Tensor, x!.shape, util.parseAxisParam(axis, x!.shape)) };
  },
};
