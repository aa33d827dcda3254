import {
  BATCH_NORM_EPSILON,
  type ConvNorm,
  type Layers,
  type Padding,
  samePadding,
} from '@bag-of-tricks/network-layers';
import { foldBatchNorm } from '../fold-batch-norm.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import type { WeightReader } from './weight-reader.ts';

/** A square window over square maps. */
interface Window {
  readonly kernelSize: number;
  readonly stride: number;
  /** Before the first and after the last row and column. */
  readonly pads?: readonly [before: number, after: number];
}

/** What a node with a window returns and takes. */
function windowed(
  { shape: [channels, size] }: Value,
  { kernelSize, stride, pads: [before, after] = [0, 0] }: Window,
) {
  const outputs = Math.floor((size! + before + after - kernelSize) / stride) + 1;
  return {
    shape: [channels!, outputs, outputs],
    attributes: {
      kernel_shape: [kernelSize, kernelSize],
      strides: [stride, stride],
      pads: [before, before, after, after],
    },
  };
}

/** PyTorch's pads, or those that TensorFlow's `same` has at this size. */
function padsOf(
  { kernelSize, stride }: ConvNorm,
  padding: Padding,
  size: number,
): [before: number, after: number] {
  if (padding === 'symmetric') return [kernelSize >> 1, kernelSize >> 1];
  const total = samePadding(size, kernelSize, stride);
  return [total >> 1, total - (total >> 1)];
}

/** The layers of a forward pass as nodes of ONNX. Batch norms are in the convolutions before them. */
export function onnxLayers(graph: GraphBuilder, weights: WeightReader): Layers<Value> {
  const sameShape = (opType: string, x: Value, ...others: (Value | string)[]) =>
    graph.node(opType, [x, ...others], { shape: x.shape });
  const pool = (opType: string, x: Value, window: Window) =>
    graph.node(opType, [x], windowed(x, window));
  const reshape = (x: Value, shape: readonly number[]) =>
    graph.node('Reshape', [x, graph.integers([-1, ...shape])], { shape });
  const scalar = (name: string, value: number) => graph.floats(name, [], Float32Array.of(value));
  /** A tensor of the state dict as it is there, without axes of size 1 at the end. */
  const constant = (name: string, shape: readonly (number | null)[]) => {
    const { shape: read, data } = weights.read(name, shape);
    const kept = read.slice(0, shape.length);
    return { name: graph.floats(name, kept, data), shape: kept };
  };

  return {
    convNorm(x, layer, { padding = 'symmetric', epsilon = BATCH_NORM_EPSILON } = {}) {
      const { conv, norm, kernelSize, inputChannels, outputChannels, groups = 1 } = layer;
      const shape = [outputChannels, inputChannels / groups, kernelSize, kernelSize];
      const ofNorm = (name: string) => weights.read(`${norm}.${name}`, [outputChannels]).data;
      const { kernel, bias } = foldBatchNorm(weights.read(`${conv}.weight`, shape).data, {
        ...{ gamma: ofNorm('weight'), beta: ofNorm('bias'), epsilon },
        ...{ mean: ofNorm('running_mean'), variance: ofNorm('running_var') },
      });
      const inputs = [
        graph.floats(`${conv}.weight`, shape, kernel),
        graph.floats(`${conv}.bias`, [outputChannels], bias),
      ];
      const pads = padsOf(layer, padding, x.shape[1]!);
      const {
        shape: [, ...size],
        attributes,
      } = windowed(x, { ...layer, pads });
      return graph.node('Conv', [x, ...inputs], {
        ...{ name: conv, shape: [outputChannels, ...size] },
        attributes: { ...attributes, group: groups },
      });
    },
    relu: (x) => sameShape('Relu', x),
    relu6: (x) => sameShape('Clip', x, scalar('relu6.min', 0), scalar('relu6.max', 6)),
    maxPoolAfterRelu: (x) => pool('MaxPool', x, { kernelSize: 3, stride: 2, pads: [1, 1] }),
    // ONNX counts no pads unless it is told to; one after an odd size is what its ceil mode does.
    averagePool: (x) =>
      pool('AveragePool', x, { kernelSize: 2, stride: 2, pads: [0, x.shape[1]! % 2] }),
    subsample: (x, stride) => pool('MaxPool', x, { kernelSize: 1, stride }),
    padChannels(x, [before, after]) {
      const [channels, ...size] = x.shape;
      const pads = graph.integers([0, before, 0, 0, 0, after, 0, 0]);
      return graph.node('Pad', [x, pads], { shape: [before + channels! + after, ...size] });
    },
    add: (a, b) => sameShape('Add', a, b),
    dropPaths: (branch) => branch,
    channelMeans(x) {
      const [channels] = x.shape;
      const means = graph.node('GlobalAveragePool', [x], { shape: [channels!, 1, 1] });
      return graph.node('Flatten', [means], { shape: [channels!] });
    },
    dense(x, name) {
      const matrix = constant(`${name}.weight`, [null, x.shape[0]!]);
      const shape = [matrix.shape[0]!];
      const inputs = [x, matrix, constant(`${name}.bias`, shape)];
      return graph.node('Gemm', inputs, { name, shape, attributes: { transB: 1 } });
    },
    channelConvolution(x, name) {
      const row = reshape(x, [1, x.shape[0]!]);
      const kernel = constant(`${name}.weight`, [1, 1, null]);
      const size = kernel.shape[2]!;
      const attributes = { kernel_shape: [size], pads: [size >> 1, size >> 1] };
      return graph.node('Conv', [row, kernel], { name, shape: row.shape, attributes });
    },
    gate(x, gates) {
      const [channels] = x.shape;
      return sameShape('Mul', x, reshape(sameShape('Sigmoid', gates), [channels!, 1, 1]));
    },
  };
}
