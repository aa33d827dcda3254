import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { DataType } from '../../native/data-type.ts';
import type { InputValues } from '../../native/tensor.ts';
import { type Binding, bindingConstants, type OpAttribute } from '../binding.ts';
import type { NodeBackend } from '../vendor.ts';

/** One of TensorFlow's ops, called. Types that follow from the inputs need no attribute. */
export interface OpCall {
  readonly op: string;
  readonly inputs: readonly OpInput[];
  readonly attributes?: readonly OpAttribute[];
  /** How many outputs the op has, if it may have another number than one. */
  readonly outputs?: number;
}

/** A tensor of tfjs; one of int32 that the op wants in int64; or values, which are uploaded. */
export type OpInput = TensorInfo | { readonly int64: TensorInfo } | OpValues;

interface OpValues {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: InputValues;
}

/** Runs an op. tfjs has no int64: outputs of it become int32. */
export function runOp(
  native: NodeBackend,
  { op, inputs, attributes = [], outputs = 1 }: OpCall,
): Tensor[] {
  const { binding } = native;
  const temporary: number[] = [];
  const upload = (input: OpInput): number => {
    if ('dataId' in input) return native.getInputTensorIds([input])[0]!;
    const id =
      'int64' in input
        ? cast(binding, upload(input.int64), DataType.INT32, DataType.INT64)
        : binding.createTensor(input.shape, input.dtype, input.values);
    temporary.push(id);
    return id;
  };
  try {
    const results = binding.executeOp(op, attributes, inputs.map(upload), outputs);
    return results.map((result) => {
      if (result.dtype !== DataType.INT64) return native.createOutputTensor(result);
      const id = cast(binding, result.id, DataType.INT64, DataType.INT32);
      binding.deleteTensor(result.id);
      return native.createOutputTensor({ ...result, id, dtype: DataType.INT32 });
    });
  } finally {
    for (const id of temporary) binding.deleteTensor(id);
  }
}

/** A scalar or a vector of int32 from JavaScript. */
export function int32(value: number | readonly number[]): OpValues {
  const values = Int32Array.from(typeof value === 'number' ? [value] : value);
  const shape = typeof value === 'number' ? [] : [value.length];
  return { dtype: DataType.INT32, shape, values };
}

export function float32(value: number): OpValues {
  return { dtype: DataType.FLOAT, shape: [], values: Float32Array.of(value) };
}

function cast(binding: Binding, id: number, from: number, to: number): number {
  const type = bindingConstants.TF_ATTR_TYPE;
  const attributes = [
    { name: 'SrcT', type, value: from },
    { name: 'DstT', type, value: to },
  ];
  return binding.executeOp('Cast', attributes, [id], 1)[0]!.id;
}
