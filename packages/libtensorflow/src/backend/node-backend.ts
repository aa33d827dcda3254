import type { BackendValues, KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Binding, OpAttribute, TensorMetadata } from './binding.ts';

/** What tfjs-node's backend knows of a tensor's data. */
export interface TensorEntry {
  readonly shape: number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  /** The binding's id, or negative while the values are not uploaded. */
  id: number;
  /** Values from JavaScript that are not uploaded yet. */
  values: BackendValues | null;
  refCount: number;
}

/** The map from tfjs's data ids to entries (tfjs-core's `DataStorage`). */
export interface TensorMap {
  get(dataId: object): TensorEntry;
  has(dataId: object): boolean;
  set(dataId: object, entry: TensorEntry): void;
  delete(dataId: object): boolean;
  numDataIds(): number;
}

/** tfjs-node's backend class, as far as our kernels, a trace and an autocast use it. */
export interface VendorBackend extends KernelBackend {
  binding: Binding;
  tensorMap: TensorMap;
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

/** What a trace or an autocast puts into the place of the backend's own. */
export type BackendParts = Partial<
  Pick<VendorBackend, 'binding' | 'tensorMap' | 'createOutputTensor' | 'read'>
>;

/** The registered backend. */
export interface NodeBackend extends VendorBackend {
  /** Runs `action` while the backend has other parts; afterwards, also after an error, it is as it was. */
  withParts<T>(parts: BackendParts, action: () => T): T;
}

/** Adds what tfjs-node's class does not have. */
export function extendBackend(backend: VendorBackend, dispose: () => void): NodeBackend {
  return Object.assign(backend, {
    dispose,
    withParts<T>(parts: BackendParts, action: () => T): T {
      const before = Object.keys(parts).map(
        (name) => [name, Object.getOwnPropertyDescriptor(backend, name)] as const,
      );
      Object.assign(backend, parts);
      try {
        return action();
      } finally {
        for (const [name, own] of before) {
          // Without one of its own, the method of the class shows again.
          if (own === undefined) Reflect.deleteProperty(backend, name);
          else Object.defineProperty(backend, name, own);
        }
      }
    },
  });
}
