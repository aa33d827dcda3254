import * as tf from '@tensorflow/tfjs-core';
import {
  depthwiseFilterGradient,
  depthwiseInputGradient,
  filterGradient,
} from './convolution-gradients.ts';
import { anyMaxPoolGradient } from './max-pool-gradient.ts';
import { typedOneHot } from './one-hot.ts';

type Compute = (inputs: Record<string, tf.Tensor4D>, attributes: never) => tf.Tensor4D;

const gradients: Readonly<Record<string, Compute>> = {
  [tf.Conv2DBackpropFilter]: ({ x, dy }, attributes) => filterGradient(x!, dy!, attributes),
  [tf.DepthwiseConv2dNativeBackpropFilter]: ({ x, dy }, attributes) =>
    depthwiseFilterGradient(x!, dy!, attributes),
  [tf.DepthwiseConv2dNativeBackpropInput]: ({ dy, filter }, attributes) =>
    depthwiseInputGradient(dy!, filter!, attributes),
};

const gradientKernel = (name: string): tf.KernelFunc => {
  return ({ inputs, attrs }) => gradients[name]!(inputs as never, attrs as never);
};

type Replace = (stock: tf.KernelConfig) => tf.KernelFunc;

/** What backends have and what is wrong in it, or far slower than it need be, in TensorFlow.js 4.22. */
const replacements: Readonly<Record<string, Readonly<Record<string, Replace>>>> = {
  // It looks up every element by its indices.
  cpu: { [tf.Conv2DBackpropFilter]: () => gradientKernel(tf.Conv2DBackpropFilter) },
  wasm: { [tf.OneHot]: typedOneHot, [tf.MaxPoolGrad]: anyMaxPoolGradient },
};

const ours = new WeakSet<tf.KernelFunc>();

/**
 * Readies a backend of TensorFlow.js for training convolutional networks, with kernels made of those it has. `wasm` lacks the gradients of
 * filters and of depthwise convolutions, its `oneHot` in float32 is all zeros, and its max pool passes no gradient on to values below 0; on `cpu`
 * the gradient of a filter takes a hundred times the forward pass. What else a backend has stays.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { registerTrainingKernels } from '@bag-of-tricks/train-step';
 *
 * console.log(registerTrainingKernels('cpu')); // [ 'Conv2DBackpropFilter' ]
 * ```
 *
 * @param backendName - Default: the current backend.
 * @returns The names of the kernels that were added or replaced; none at the second call.
 * @throws Error for a backend that is not there yet.
 */
export function registerTrainingKernels(backendName: string = tf.getBackend()): readonly string[] {
  if (!tf.findBackendFactory(backendName)) {
    throw new Error(
      `registerTrainingKernels: expected a backend that is registered, got '${backendName}'. Import its package before`,
    );
  }
  const missing = Object.keys(gradients)
    .filter((name) => !tf.getKernel(name, backendName))
    .map((kernelName) => ({
      ...{ kernelName, backendName },
      kernelFunc: gradientKernel(kernelName),
    }));
  const replaced = Object.entries(replacements[backendName] ?? {}).flatMap(([name, replace]) => {
    const stock = tf.getKernel(name, backendName);
    if (!stock || ours.has(stock.kernelFunc)) return [];
    tf.unregisterKernel(name, backendName);
    return [{ ...stock, kernelFunc: replace(stock) }];
  });
  const kernels: readonly tf.KernelConfig[] = [...missing, ...replaced];
  for (const kernel of kernels) {
    ours.add(kernel.kernelFunc);
    tf.registerKernel(kernel);
  }
  return kernels.map(({ kernelName }) => kernelName);
}
