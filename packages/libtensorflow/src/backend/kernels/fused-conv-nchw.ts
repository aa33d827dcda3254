import * as tf from '@tensorflow/tfjs-core';

/** tfjs-node's fused convolution takes NHWC: an image in NCHW is transposed, and the result back. */
export function nchwFusedConvKernel(stock: tf.KernelConfig): tf.KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const { dataFormat, pad } = call.attrs as unknown as tf.FusedConv2DAttrs;
      if (dataFormat !== 'NCHW') return stock.kernelFunc(call);
      const { x, preluActivationWeights: alpha } = call.inputs;
      return tf.tidy(() => {
        const inputs: tf.NamedTensorInfoMap = {
          ...call.inputs,
          x: tf.transpose(x as tf.Tensor4D, [0, 2, 3, 1]),
        };
        if (alpha?.shape.length === 3) {
          inputs.preluActivationWeights = tf.transpose(alpha as tf.Tensor3D, [1, 2, 0]);
        }
        const attrs = { ...call.attrs, dataFormat: 'NHWC', pad: toNhwc(pad) };
        const y = stock.kernelFunc({ ...call, inputs, attrs }) as tf.Tensor;
        return tf.transpose(y, [0, 3, 1, 2]);
      });
    },
  };
}

function toNhwc(pad: tf.FusedConv2DAttrs['pad']): tf.FusedConv2DAttrs['pad'] {
  if (typeof pad !== 'object') return pad;
  const [batch, channels, height, width] = pad;
  return [batch, height, width, channels];
}
