import {
  backend_util,
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { integers, string } from './attributes.ts';
import { int32, runOp } from './run-op.ts';

type Shape = [number, number, number, number];

/** oneDNN has a kernel for depthwise filters of so many columns; wider ones get one for any groups, up to five times as slow as Eigen's (bench/NOTES.md). */
const WIDEST = 3;

/**
 * tfjs-node's kernel, but on a CPU the gradient of a wide filter is Eigen's: oneDNN leaves an op to Eigen whose padding is written out,
 * if only as SAME or VALID would have it.
 */
export function leanDepthwiseFilterGradientKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const { x, dy } = call.inputs as Record<'x' | 'dy', TensorInfo>;
      const native = call.backend as NodeBackend;
      const { binding } = native;
      const attributes = call.attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs;
      const { filterShape, strides, dilations, pad, dimRoundingMode } = attributes;
      const info = backend_util.computeConv2DInfo(
        ...([x.shape as Shape, filterShape as Shape, strides, dilations] as const),
        ...([pad, dimRoundingMode, true] as const),
      );
      const isDilated = info.dilationHeight > 1 || info.dilationWidth > 1;
      if (info.filterWidth <= WIDEST || isDilated || binding.isUsingGpuDevice()) {
        return stock.kernelFunc(call);
      }
      const { top, bottom, left, right } = info.padInfo;
      const [gradient] = runOp(native, {
        op: DepthwiseConv2dNativeBackpropFilter,
        inputs: [x, int32(filterShape), dy],
        attributes: [
          integers(binding, 'strides', [1, info.strideHeight, info.strideWidth, 1]),
          string(binding, 'padding', 'EXPLICIT'),
          integers(binding, 'explicit_paddings', [0, 0, top, bottom, left, right, 0, 0]),
        ],
      });
      return gradient!;
    },
  };
}
