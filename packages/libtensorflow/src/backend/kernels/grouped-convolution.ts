import {
  backend,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  concat,
  engine,
  type GradConfig,
  getKernel,
  type KernelConfig,
  split,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';
import { DataType } from '../../native/data-type.ts';
import type { Binding } from '../binding.ts';
import type { NodeBackend } from '../node-backend.ts';
import { integers, string } from './attributes.ts';

/**
 * A convolution whose channels are split into groups that do not see each other; tfjs has none.
 *
 * Inputs `x` [batch, height, width, channels] and `filter` [height, width, channels / groups, outputs]; attributes `strides`, `pad` and
 * `dilations` of tfjs's Conv2D, and `dataFormat: 'NHWC'`. TensorFlow tells the groups by the filter's third size.
 */
export const groupedConvolutionKernel: KernelConfig = {
  kernelName: 'GroupedConv2D',
  backendName: 'tensorflow',
  kernelFunc: (call) => getKernel(Conv2D, 'tensorflow').kernelFunc(call),
};

/** Of all groups together where the device has that, else group by group. */
export const groupedConvolutionGradient: GradConfig = {
  kernelName: 'GroupedConv2D',
  inputsToSave: ['x', 'filter'],
  gradFunc: (dy, [x, filter], attributes) => {
    const { binding } = backend() as NodeBackend;
    const groups = hasGroupedGradients(binding) ? 1 : x!.shape[3]! / filter!.shape[2]!;
    const [xs, dys, filters] = [x!, dy as Tensor, filter!].map((tensor) =>
      groups === 1 ? [tensor] : split(tensor, groups, 3),
    ) as [Tensor[], Tensor[], Tensor[]];
    const run = (kernel: string, inputs: Record<string, Tensor>, shapes: object) =>
      engine().runKernel(kernel, inputs, { ...attributes, ...shapes }) as Tensor;
    const ofInput = (part: Tensor, i: number) =>
      run(Conv2DBackpropInput, { dy: dys[i]!, filter: part }, { inputShape: xs[i]!.shape });
    const ofFilter = (part: Tensor, i: number) =>
      run(Conv2DBackpropFilter, { x: part, dy: dys[i]! }, { filterShape: filters[i]!.shape });
    return {
      x: () => concat(filters.map(ofInput), 3),
      filter: () => concat(xs.map(ofFilter), 3),
    };
  },
};

/** What `askDevice` returned. */
export const gradientsByDevice = new WeakMap<Binding, boolean>();

function hasGroupedGradients(binding: Binding): boolean {
  const known = gradientsByDevice.get(binding) ?? askDevice(binding);
  gradientsByDevice.set(binding, known);
  return known;
}

/** Whether the device has the gradients of such a convolution: oneDNN and cuDNN do, Eigen has the forward pass alone. */
export function askDevice(binding: Binding): boolean {
  return binding.probe((device) => {
    const ones = (...shape: number[]) =>
      device.createTensor(
        shape,
        DataType.FLOAT,
        new Float32Array(util.sizeFromShape(shape)).fill(1),
      );
    const sizes = device.createTensor([4], DataType.INT32, Int32Array.of(1, 1, 1, 4));
    // Two groups of two channels.
    const ids = [sizes, ones(1, 1, 2, 4), ones(1, 1, 1, 4)];
    try {
      const attributes = [
        integers(device, 'strides', [1, 1, 1, 1]),
        string(device, 'padding', 'SAME'),
      ];
      const [gradient] = device.executeOp(Conv2DBackpropInput, attributes, ids, 1);
      ids.push(gradient!.id);
      return [...device.tensorDataSync(gradient!.id)].every((value) => value === 2);
    } catch {
      return false;
    } finally {
      for (const id of ids) device.deleteTensor(id);
    }
  });
}
