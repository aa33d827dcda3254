import { type Pointer, readTensor, type TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import type * as tf from '@tensorflow/tfjs-core';

type Values<D extends tf.DataType> = tf.DataTypeMap[D];

/** The values of a tensor outside of any backend; `tf.tensor(values, shape, dtype)` makes a tensor of them. */
export interface TensorValue<
  D extends 'float32' | 'int32' | 'bool' = 'float32' | 'int32' | 'bool',
> {
  readonly shape: number[];
  readonly dtype: D;
  /** In row-major order. */
  readonly values: Values<D>;
}

/** The tfjs types that leave a graph. */
export type OutputDataType = TensorValue['dtype'];

/** What is known of an output before it is computed. */
export interface OutputSpec {
  readonly shape: readonly number[];
  readonly dtype: OutputDataType;
}

/** Copies a native tensor out and deletes it. */
export function takeValue(
  api: TensorFlowApi,
  tensor: Pointer,
  { shape, dtype }: OutputSpec,
): TensorValue {
  try {
    const values = readTensor(api, tensor) as TensorValue['values'];
    return { shape: [...shape], dtype, values };
  } finally {
    api.TF_DeleteTensor(tensor);
  }
}
