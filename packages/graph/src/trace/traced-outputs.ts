import type { GraphOutput } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import type { OutputDataType, OutputSpec } from '../outputs/tensor-value.ts';

/** An output of `fn`; its name is missing where `fn` returns a single tensor. */
export interface TracedOutput extends OutputSpec {
  readonly name: string | undefined;
  readonly output: GraphOutput;
}

/**
 * Finds the tensors in what `fn` returned.
 *
 * @throws TypeError - if that is a promise, or holds anything but tensors.
 */
export function readOutputs(
  result: unknown,
  resolve: (tensor: tf.Tensor) => GraphOutput,
): TracedOutput[] {
  if (result === undefined) return [];
  if (isPromise(result)) {
    // Its own errors come after ours, when nobody listens.
    result.then(undefined, () => {});
    throw new TypeError(
      'compile: expected fn to be synchronous, got a promise. Await outside of fn, and pass what it gives as an input.',
    );
  }
  if (result instanceof tf.Tensor) return [readOutput(undefined, result, resolve)];
  if (typeof result !== 'object' || result === null || Array.isArray(result)) {
    throw new TypeError(
      `compile: expected fn to return a tensor or an object of tensors, got ${Array.isArray(result) ? 'an array' : result}.`,
    );
  }
  return Object.entries(result).map(([name, tensor]) => readOutput(name, tensor, resolve));
}

function readOutput(
  name: string | undefined,
  tensor: unknown,
  resolve: (tensor: tf.Tensor) => GraphOutput,
): TracedOutput {
  const what = name === undefined ? 'fn' : `output '${name}'`;
  if (!(tensor instanceof tf.Tensor)) {
    throw new TypeError(
      `compile: expected ${what} to be a tensor, got ${typeof tensor}. Return what is known before the run from outside of fn.`,
    );
  }
  const { dtype, shape } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new TypeError(
      `compile: expected ${what} to be float32, int32 or bool, got ${dtype}. Cast it, or return its tf.real and tf.imag.`,
    );
  }
  if (tensor.isDisposed) {
    throw new Error(`compile: expected ${what} to be alive, got a disposed tensor.`);
  }
  return { name, shape: [...shape], dtype: dtype as OutputDataType, output: resolve(tensor) };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null)?.then === 'function';
}
