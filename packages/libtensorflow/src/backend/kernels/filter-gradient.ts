import {
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  reshape,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { boolean, floatType } from './attributes.ts';

/**
 * tfjs-node's kernel, but for a convolution of 1x1 at stride 1 the matrix product that the gradient of its filter is:
 * `dw = x^T dy` over all pixels of all images. oneDNN's product is faster than its convolution in bfloat16, and no slower in float32 (bench/NOTES.md).
 */
export function leanFilterGradientKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const attributes = call.attrs as unknown as Conv2DBackpropFilterAttrs;
      const { x, dy } = call.inputs as { x: Tensor; dy: Tensor };
      if (!isPointwise(x, attributes)) return stock.kernelFunc(call);
      const native = call.backend as NodeBackend;
      const { binding } = native;
      const [, , inputs, outputs] = attributes.filterShape;
      return tidy(() => {
        const product = native.executeSingleOutput(
          'MatMul',
          [
            floatType(binding, 'T'),
            boolean(binding, 'transpose_a', true),
            boolean(binding, 'transpose_b', false),
          ],
          [reshape(x, [-1, inputs]), reshape(dy, [-1, outputs])],
        );
        return reshape(product, attributes.filterShape);
      });
    },
  };
}

function isPointwise(
  x: Tensor,
  { filterShape, strides, pad, dataFormat }: Conv2DBackpropFilterAttrs,
): boolean {
  const [height, width, inputs] = filterShape;
  const [down, right] = typeof strides === 'number' ? [strides, strides] : strides;
  const isOne = [height, width, down, right].every((size) => size === 1);
  const isWhole = inputs === x.shape.at(-1);
  return (
    isOne && isWhole && dataFormat === 'NHWC' && (pad === 'same' || pad === 'valid' || pad === 0)
  );
}
