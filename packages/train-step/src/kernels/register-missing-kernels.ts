import * as tf from '@tensorflow/tfjs-core';
import {
  depthwiseFilterGradient,
  depthwiseInputGradient,
  filterGradient,
} from './convolution-gradients.ts';

type Compute = (inputs: Record<string, tf.Tensor4D>, attributes: never) => tf.Tensor4D;

const substitutes: Readonly<Record<string, Compute>> = {
  [tf.Conv2DBackpropFilter]: ({ x, dy }, attributes) => filterGradient(x!, dy!, attributes),
  [tf.DepthwiseConv2dNativeBackpropFilter]: ({ x, dy }, attributes) =>
    depthwiseFilterGradient(x!, dy!, attributes),
  [tf.DepthwiseConv2dNativeBackpropInput]: ({ dy, filter }, attributes) =>
    depthwiseInputGradient(dy!, filter!, attributes),
};

/**
 * Gives a backend the kernels that training convolutional networks needs and that it lacks, made of those it has: `wasm` has no gradients of
 * filters and of depthwise convolutions. What it has already stays.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { registerMissingKernels } from '@bag-of-tricks/train-step';
 *
 * registerMissingKernels('cpu'); // [], for it lacks none
 * ```
 *
 * @param backendName - Default: the current backend.
 * @returns The names of the kernels that were missing.
 */
export function registerMissingKernels(backendName: string = tf.getBackend()): readonly string[] {
  const missing = Object.entries(substitutes).filter(([name]) => !tf.getKernel(name, backendName));
  for (const [kernelName, compute] of missing) {
    tf.registerKernel({
      ...{ kernelName, backendName },
      kernelFunc: ({ inputs, attrs }) => compute(inputs as never, attrs as never),
    });
  }
  return missing.map(([name]) => name);
}
