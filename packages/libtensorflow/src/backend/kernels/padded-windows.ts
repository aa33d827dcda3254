import * as tf from '@tensorflow/tfjs-core';
import { Windows } from './windows.ts';

type Call = Parameters<tf.KernelFunc>[0];
type Inputs = Record<string, tf.TensorInfo>;
/** Runs tfjs-node's kernel on the same call, but for these inputs and attributes and without padding. */
type Stock = (inputs: Inputs, attributes?: object) => tf.Tensor;
type Run = (stock: Stock, windows: Windows, inputs: Inputs) => tf.Tensor;
/** tfjs's description of a call's windows. */
type Describe = (inputs: Inputs, attributes: never) => Windows;

interface Attributes {
  readonly filterSize: never;
  readonly filterShape?: never;
  readonly inputShape?: never;
  readonly strides: never;
  readonly dilations?: never;
  readonly pad: never;
  readonly dimRoundingMode?: never;
  readonly dataFormat?: 'NHWC' | 'NCHW' | 'NDHWC' | 'NCDHW';
}

const { computeConv2DInfo, computePool2DInfo, computePool3DInfo } = tf.backend_util;

const pool2d: Describe = ({ x, input, dy }, attributes: Attributes) => {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const shape = (x ?? input)!.shape as [number, number, number, number];
  return new Windows(computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode), dy);
};

const pool3d: Describe = ({ x, input, dy }, attributes: Attributes) => {
  const { filterSize, strides, pad, dimRoundingMode, dataFormat } = attributes;
  const shape = (x ?? input)!.shape as [number, number, number, number, number];
  const format = dataFormat === 'NCDHW' ? dataFormat : 'NDHWC';
  return new Windows(
    computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode, format),
    dy,
  );
};

function convolution(isDepthwise: boolean): Describe {
  return ({ x, filter, dy }, attributes: Attributes) => {
    const { strides, dilations, pad, dimRoundingMode, dataFormat } = attributes;
    const shape = (attributes.inputShape ?? x!.shape) as [number, number, number, number];
    const filterShape = attributes.filterShape ?? (filter!.shape as never);
    const format = dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast';
    return new Windows(
      computeConv2DInfo(
        ...([shape, filterShape, strides, dilations ?? 1, pad, dimRoundingMode] as const),
        ...([isDepthwise, format] as const),
      ),
      dy,
    );
  };
}

const maxPool: Run = (stock, windows, { x }) => stock({ x: windows.pad(x!, lowest(x!)) });

const maxPoolGradient: Run = (stock, windows, { input }) =>
  windows.unpad(stock({ input: windows.pad(input!, lowest(input!)) }));

const averagePool: Run = (stock, windows, { x }) =>
  tf.mul(stock({ x: windows.pad(x!, 0) }), windows.averageFactors());

const averagePoolGradient: Run = (stock, windows, { dy, input }) =>
  windows.unpad(
    stock({
      dy: tf.mul(dy as tf.Tensor, windows.averageFactors()),
      // Of its input the kernel reads the shape alone.
      input: { ...input!, shape: windows.paddedShape },
    }),
  );

/** TensorFlow's own convolution takes explicit paddings; it does not take a number. */
const explicit: Run = (stock, windows) => stock({}, { pad: windows.paddings });

const paddedInput: Run = (stock, windows, { x }) => stock({ x: windows.pad(x!, 0) });

const inputGradient: Run = (stock, windows) =>
  windows.unpad(stock({}, { inputShape: windows.paddedShape }));

const table: Record<string, readonly [Describe, Run]> = {
  [tf.MaxPool]: [pool2d, maxPool],
  [tf.MaxPoolGrad]: [pool2d, maxPoolGradient],
  [tf.AvgPool]: [pool2d, averagePool],
  [tf.AvgPoolGrad]: [pool2d, averagePoolGradient],
  [tf.MaxPool3D]: [pool3d, maxPool],
  [tf.MaxPool3DGrad]: [pool3d, maxPoolGradient],
  [tf.AvgPool3D]: [pool3d, averagePool],
  [tf.AvgPool3DGrad]: [pool3d, averagePoolGradient],
  [tf.Conv2D]: [convolution(false), explicit],
  [tf.FusedConv2D]: [convolution(false), explicit],
  [tf.Conv2DBackpropInput]: [convolution(false), inputGradient],
  [tf.Conv2DBackpropFilter]: [convolution(false), paddedInput],
  [tf.DepthwiseConv2dNative]: [convolution(true), paddedInput],
  [tf.FusedDepthwiseConv2D]: [convolution(true), paddedInput],
  [tf.DepthwiseConv2dNativeBackpropInput]: [convolution(true), inputGradient],
  [tf.DepthwiseConv2dNativeBackpropFilter]: [convolution(true), paddedInput],
};

/** Pools and convolutions, and their gradients, with paddings that TensorFlow's ops do not take: their input is padded before. */
export const paddedWindowKernels: Readonly<
  Record<string, (stock: tf.KernelConfig) => tf.KernelConfig>
> = Object.fromEntries(
  Object.entries(table).map(([name, [describe, run]]) => [
    name,
    (stock: tf.KernelConfig) => ({ ...stock, kernelFunc: padded(stock, describe, run) }),
  ]),
);

function padded(stock: tf.KernelConfig, describe: Describe, run: Run): tf.KernelFunc {
  return (call: Call) => {
    const inputs = call.inputs as Inputs;
    const windows = describe(inputs, call.attrs as never);
    if (windows.areNative) return stock.kernelFunc(call);
    // No window fits, as only pools allow.
    if (windows.areNone && 'x' in inputs) return tf.tensor([], windows.counts, inputs.x!.dtype);
    const unpadded: Stock = (replaced, attributes) =>
      stock.kernelFunc({
        ...call,
        inputs: { ...inputs, ...replaced },
        attrs: { ...call.attrs, pad: 'valid', dimRoundingMode: undefined, ...attributes } as never,
      }) as tf.Tensor;
    return tf.tidy(() => run(unpadded, windows, inputs));
  };
}

function lowest({ dtype }: tf.TensorInfo): number {
  return dtype === 'int32' ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
}
