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
 * filters and of depthwise convolutions. What it has already stays, but for the `OneHot` of `wasm`, which of TensorFlow.js 4.22 is all zeros in
 * float32.
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
 * @returns The names of the kernels that were missing or replaced.
 */
export function registerMissingKernels(backendName: string = tf.getBackend()): readonly string[] {
  const missing = Object.entries(substitutes).filter(([name]) => !tf.getKernel(name, backendName));
  for (const [kernelName, compute] of missing) {
    tf.registerKernel({
      ...{ kernelName, backendName },
      kernelFunc: ({ inputs, attrs }) => compute(inputs as never, attrs as never),
    });
  }
  const names = missing.map(([name]) => name);
  return backendName === 'wasm' && mendOneHot(backendName) ? [...names, tf.OneHot] : names;
}

let mended: tf.KernelConfig | undefined;

/** Writes integers, whatever type was asked for; whether that is still so. */
function mendOneHot(backendName: string): boolean {
  const stock = tf.getKernel(tf.OneHot, backendName);
  if (!stock || stock.kernelFunc === mended?.kernelFunc) return false;
  mended = {
    ...stock,
    kernelFunc: (call) => {
      const { dtype = 'int32' } = (call.attrs ?? {}) as { readonly dtype?: tf.DataType };
      const whole = { ...call, attrs: { ...call.attrs, dtype: 'int32' } };
      const output = stock.kernelFunc(whole) as tf.TensorInfo;
      if (dtype === 'int32') return output;
      const numbers = tf.engine().makeTensorFromTensorInfo(output);
      const typed = tf.cast(numbers, dtype);
      numbers.dispose();
      return typed;
    },
  };
  tf.unregisterKernel(tf.OneHot, backendName);
  tf.registerKernel(mended);
  return true;
}
