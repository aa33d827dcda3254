import * as tf from '@tensorflow/tfjs-core';

/** `wasm` looks for the largest value of a window above 0 alone, so that others get no gradient: it sees values that all are. */
export const anyMaxPoolGradient = (stock: tf.KernelConfig): tf.KernelFunc => {
  return (call) =>
    tf.tidy(() => {
      const input = call.inputs.input as tf.Tensor;
      const positive = tf.add(tf.sub(input, tf.min(input)), 1);
      const given = { ...call, inputs: { ...call.inputs, input: positive } };
      return tf.engine().makeTensorFromTensorInfo(stock.kernelFunc(given) as tf.TensorInfo);
    });
};
