import { createRequire } from 'node:module';
import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Binding, OpAttribute, TensorMetadata } from './binding.ts';

/** The part of tfjs-node's backend class that our kernels use. */
export interface NodeBackend extends KernelBackend {
  readonly binding: Binding;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: TensorInfo[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: TensorInfo[],
    outputCount: number,
  ): Tensor[];
  /** The binding's ids; values from JavaScript that were not uploaded yet are now. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  createOutputTensor(output: TensorMetadata): Tensor;
  incRef(dataId: object): void;
}

/** What `scripts/bundle-kernels.mjs` bundles of tfjs-node-gpu and tfjs-core. */
export interface Vendor {
  readonly NodeJSKernelBackend: new (binding: Binding, packageName: string) => NodeBackend;
  readonly registerKernels: () => void;
  readonly registerGradients: () => void;
}

/** Loads the bundle; not at import, for it takes a while. */
export function loadVendor(): Vendor {
  // From src/backend as from dist/backend, this is the built file.
  return createRequire(import.meta.url)('../../dist/vendor/kernels.cjs') as Vendor;
}
