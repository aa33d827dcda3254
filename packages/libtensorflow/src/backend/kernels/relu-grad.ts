import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { floatType } from './attributes.ts';

/** The gradients of relu and relu6 in one op: `dy` where `y`, the output, is positive (and less than 6), else 0. */
export const reluGradKernels: readonly KernelConfig[] = ['ReluGrad', 'Relu6Grad'].map(
  (kernelName) => ({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs: { dy, y }, backend }) => {
      const native = backend as NodeBackend;
      const attributes = [floatType(native.binding, 'T')];
      return native.executeSingleOutput(kernelName, attributes, [dy!, y!]);
    },
  }),
);
