import {
  type GradConfig,
  type KernelConfig,
  mul,
  reshape,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { floatType } from './attributes.ts';

/**
 * The cross-entropy of soft labels with the softmax of logits, in one op.
 *
 * Inputs `logits` and `labels` [batch, classes], outputs the loss [batch] and its gradient by the logits
 * [batch, classes].
 */
export const softmaxCrossEntropyKernel: KernelConfig = {
  kernelName: 'SoftmaxCrossEntropyWithLogits',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs: { logits, labels }, backend }) => {
    const native = backend as NodeBackend;
    const attributes = [floatType(native.binding, 'T')];
    return native.executeMultipleOutputs(
      'SoftmaxCrossEntropyWithLogits',
      attributes,
      [logits!, labels!],
      2,
    );
  },
};

export const softmaxCrossEntropyGradient: GradConfig = {
  kernelName: 'SoftmaxCrossEntropyWithLogits',
  outputsToSave: [false, true],
  gradFunc: (dys, [backprop]) => {
    const [dloss] = dys as Tensor[];
    return {
      logits: () => mul(reshape(dloss!, [-1, 1]), backprop!),
      labels: () => {
        throw new Error(
          'SoftmaxCrossEntropyWithLogits: the labels have no gradient. Compute them outside of the differentiated function.',
        );
      },
    };
  },
};
