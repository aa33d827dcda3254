import type * as tf from '@tensorflow/tfjs-core';
import type { TensorValue } from './tensor-value.ts';

/** What a function may return to be compiled: a tensor, tensors by name, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: fn may have no return statement, which makes it void.
export type TracedResult = tf.Tensor | Readonly<Record<string, tf.Tensor>> | void;

/** What a run returns for a tensor: a scalar as a number (a bool as 0 or 1), anything else as its values. */
export type Result<T extends tf.Tensor> =
  T extends tf.Tensor<infer R>
    ? tf.Rank extends R
      ? number | TensorValue
      : R extends tf.Rank.R0
        ? number
        : TensorValue
    : never;

/** What a run returns: a value for a tensor, an object of values for an object of tensors. */
export type Results<T extends TracedResult> = T extends tf.Tensor
  ? Result<T>
  : T extends Readonly<Record<string, tf.Tensor>>
    ? { [K in keyof T]: Result<T[K]> }
    : undefined;

/** A scalar as a number: most outputs of a step are. */
export function toResult(value: TensorValue): number | TensorValue {
  return value.shape.length === 0 ? value.values[0]! : value;
}
