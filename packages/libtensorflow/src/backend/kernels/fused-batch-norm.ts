import {
  engine,
  type GradConfig,
  type KernelConfig,
  type NamedAttrMap,
  type Tensor,
  tensor1d,
} from '@tensorflow/tfjs-core';
import type { Binding, OpAttribute } from '../binding.ts';
import type { NodeBackend } from '../node-backend.ts';
import { boolean, float, floatType, string } from './attributes.ts';

/**
 * Batch normalisation in training mode, in one op.
 *
 * Inputs `x` [batch, height, width, channels], `scale` and `offset` [channels]; attributes `epsilon` and
 * `training: true`. Outputs: y, the batch's mean, its unbiased variance (as running statistics take it),
 * and three tensors for the gradient. As in TensorFlow, only y has a gradient.
 */
export const fusedBatchNormKernel: KernelConfig = {
  kernelName: 'FusedBatchNormV3',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs: { x, scale, offset }, backend, attrs }) => {
    if (attrs?.training !== true) {
      throw new Error(
        `FusedBatchNormV3: expected training: true, got ${attrs?.training}. Use tf.batchNorm with running statistics.`,
      );
    }
    const native = backend as NodeBackend;
    const attributes = typedAttributes(native.binding, attrs);
    // In training the op computes the mean and the variance, and wants these inputs empty.
    const empty = tensor1d([], 'float32');
    const inputs = [x!, scale!, offset!, empty, empty];
    const outputs = native.executeMultipleOutputs('FusedBatchNormV3', attributes, inputs, 6);
    empty.dispose();
    return outputs;
  },
};

/**
 * Inputs `dy`, `x`, `scale` and the three reserves of the forward op; outputs dx, dscale, doffset.
 * On a CPU the reserves are the mean, the biased variance and nothing; with `training: false` both are constants.
 */
export const fusedBatchNormGradKernel: KernelConfig = {
  kernelName: 'FusedBatchNormGradV3',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, backend, attrs }) => {
    const native = backend as NodeBackend;
    const { dy, x, scale, reserve1, reserve2, reserve3 } = inputs;
    const [dx, dscale, doffset, ...empty] = native.executeMultipleOutputs(
      'FusedBatchNormGradV3',
      typedAttributes(native.binding, attrs),
      [dy!, x!, scale!, reserve1!, reserve2!, reserve3!],
      5,
    );
    for (const tensor of empty) tensor.dispose();
    return [dx!, dscale!, doffset!];
  },
};

export const fusedBatchNormGradient: GradConfig = {
  kernelName: 'FusedBatchNormV3',
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, false, false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [dy] = dys as Tensor[];
    const [x, scale, reserve1, reserve2, reserve3] = saved;
    const inputs = { dy, x, scale, reserve1, reserve2, reserve3 } as Record<string, Tensor>;
    const [dx, dscale, doffset] = engine().runKernel(
      'FusedBatchNormGradV3',
      inputs,
      attrs,
    ) as Tensor[];
    return { x: () => dx!, scale: () => dscale!, offset: () => doffset! };
  },
};

function typedAttributes(binding: Binding, attrs: NamedAttrMap | undefined): OpAttribute[] {
  return [
    floatType(binding, 'T'),
    floatType(binding, 'U'),
    float(binding, 'epsilon', attrs?.epsilon as number),
    string(binding, 'data_format', 'NHWC'),
    boolean(binding, 'is_training', attrs?.training as boolean),
  ];
}
