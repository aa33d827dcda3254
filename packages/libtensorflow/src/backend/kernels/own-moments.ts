import {
  Cast,
  engine,
  Identity,
  type KernelConfig,
  Mean,
  type MeanAttrs,
  Reshape,
  Square,
  Sub,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';
import { inputsOf } from './tape.ts';

/** The axes of each mean by its data, for the tape does not tell them. */
const axesOfMeans = new WeakMap<object, readonly number[]>();

/** tfjs-node's kernel, which remembers the axes. */
export function rememberingMeanKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const mean = stock.kernelFunc(call) as Tensor;
      const { axis } = call.attrs as unknown as MeanAttrs;
      axesOfMeans.set(mean.dataId, util.parseAxisParam(axis, call.inputs.x!.shape));
      return mean;
    },
  };
}

/** What a batch normalisation is given. */
export interface Normalized {
  readonly x: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Whether the tape tells that mean and variance are the moments of `x` itself, over all axes but the last, as `tf.moments` computes them.
 *
 * Equal data would not do: a mean from outside of the function that is differentiated is a constant of it. Nor would a tape within a
 * tape, whose inner one may be differentiated by the mean.
 */
export function areOwnMoments({ x, mean, variance }: Normalized): boolean {
  const { gradientDepth, kernelDepth } = engine().state;
  // One kernel runs: this one, called by a function that is differentiated once.
  if (gradientDepth !== 1 || kernelDepth !== 1 || mean.rank !== 1) return false;
  const source = averaged(mean);
  const squares = averaged(variance);
  const deviations = squares && inputsOf(squares, Square)?.x;
  const { a, b } = (deviations && inputsOf(deviations, Sub)) || {};
  return (
    source !== undefined &&
    a !== undefined &&
    b !== undefined &&
    isLastAxis(x, source) &&
    isSameValue(x, source) &&
    util.arraysEqual(a.shape, source.shape) &&
    isSameValue(a, source) &&
    b.shape.at(-1) === mean.size &&
    isSameValue(b, mean)
  );
}

/** What a mean over all axes but the last is the mean of. */
function averaged(mean: Tensor): Tensor | undefined {
  const source = inputsOf(mean, Mean)?.x;
  const axes = axesOfMeans.get(mean.dataId);
  const isOfChannels = axes?.length === (source?.rank ?? 0) - 1 && !axes?.includes(axes.length);
  return isOfChannels ? source : undefined;
}

function isLastAxis(x: Tensor, source: Tensor): boolean {
  return x.size === source.size && x.shape.at(-1) === source.shape.at(-1);
}

/** Whether `tensor` is `origin`, or a copy of it in another shape. */
function isSameValue(tensor: Tensor, origin: Tensor): boolean {
  for (let current: Tensor | undefined = tensor; current !== undefined; ) {
    if (current.id === origin.id) return true;
    current = (inputsOf(current, Cast) ?? inputsOf(current, Identity) ?? inputsOf(current, Reshape))
      ?.x;
  }
  return false;
}
