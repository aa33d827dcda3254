import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { floatType } from './attributes.ts';

/** The gradient of relu in one op: `dy` where `y`, the output of relu, is positive, else 0. */
export const reluGradKernel: KernelConfig = {
  kernelName: 'ReluGrad',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs: { dy, y }, backend }) => {
    const native = backend as NodeBackend;
    const attributes = [floatType(native.binding, 'T')];
    return native.executeSingleOutput('ReluGrad', attributes, [dy!, y!]);
  },
};
