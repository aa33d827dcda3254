import { DataType, type TensorValues } from '../native/data-type.ts';
import type { InputValues } from '../native/tensor.ts';

/** An output of an op, as a binding returns it. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** An attribute of an op; `type` is one of the binding's `TF_ATTR_` numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** TensorFlow's numbers, which tfjs-node's kernels read from their binding. */
export const bindingConstants = {
  TF_FLOAT: DataType.FLOAT,
  TF_INT32: DataType.INT32,
  TF_INT64: DataType.INT64,
  TF_BOOL: DataType.BOOL,
  TF_COMPLEX64: DataType.COMPLEX64,
  TF_STRING: DataType.STRING,
  TF_RESOURCE: DataType.RESOURCE,
  TF_UINT8: DataType.UINT8,
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
} as const;

/** Carries the numbers, for bindings to extend. */
export abstract class BindingConstants {
  readonly TF_FLOAT = bindingConstants.TF_FLOAT;
  readonly TF_INT32 = bindingConstants.TF_INT32;
  readonly TF_INT64 = bindingConstants.TF_INT64;
  readonly TF_BOOL = bindingConstants.TF_BOOL;
  readonly TF_COMPLEX64 = bindingConstants.TF_COMPLEX64;
  readonly TF_STRING = bindingConstants.TF_STRING;
  readonly TF_RESOURCE = bindingConstants.TF_RESOURCE;
  readonly TF_UINT8 = bindingConstants.TF_UINT8;
  readonly TF_ATTR_STRING = bindingConstants.TF_ATTR_STRING;
  readonly TF_ATTR_INT = bindingConstants.TF_ATTR_INT;
  readonly TF_ATTR_FLOAT = bindingConstants.TF_ATTR_FLOAT;
  readonly TF_ATTR_BOOL = bindingConstants.TF_ATTR_BOOL;
  readonly TF_ATTR_TYPE = bindingConstants.TF_ATTR_TYPE;
  readonly TF_ATTR_SHAPE = bindingConstants.TF_ATTR_SHAPE;
}

/** The small object through which tfjs-node's backend does all its native work (its `TFJSBinding`). */
export interface Binding extends BindingConstants {
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, values: InputValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TensorValues;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[];
  /**
   * Runs `action` on the binding that computes, even while this one builds a graph, and without what TensorFlow logs where its
   * fast kernels lack a type: for those who find out what the device does.
   */
  probe<T>(action: (binding: Binding) => T): T;
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  /** Only where ops are not run but written down: whoever reads tensor `id` from now on reads tensor `target`. */
  redirect?(id: number, target: number): void;
  /** Only where ops are not run but written down: on a GPU, those of `action` run on the CPU, for what reads them does so in host memory. */
  onHost?<T>(action: () => T): T;
}
