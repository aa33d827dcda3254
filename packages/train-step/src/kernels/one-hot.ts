import * as tf from '@tensorflow/tfjs-core';

/** `wasm` writes integers of 32 bits whatever type was asked for: 1 is then all but 0 in float32. */
export const typedOneHot = (stock: tf.KernelConfig): tf.KernelFunc => {
  return (call) => {
    const { dtype = 'int32' } = call.attrs as { readonly dtype?: tf.DataType };
    const output = stock.kernelFunc({ ...call, attrs: { ...call.attrs, dtype: 'int32' } });
    if (dtype === 'int32') return output;
    const numbers = tf.engine().makeTensorFromTensorInfo(output as tf.TensorInfo);
    const typed = tf.cast(numbers, dtype);
    numbers.dispose();
    return typed;
  };
};
