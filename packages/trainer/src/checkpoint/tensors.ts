import type { NamedArray } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';

/** The values of tensors by name. */
export async function readTensors(tensors: tf.NamedTensorMap): Promise<Record<string, NamedArray>> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) =>
      [name, { shape: tensor.shape, data: (await tensor.data()) as Float32Array }] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** An array as a tensor, which the caller disposes. */
export function toTensor({ data, shape }: NamedArray): tf.Tensor {
  return tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

/**
 * Assigns arrays to variables of the same names.
 *
 * @throws Error naming what is missing, unknown or of another shape; nothing is changed then.
 */
export function assignArrays(
  variables: Readonly<Record<string, tf.Variable>>,
  arrays: Readonly<Record<string, NamedArray>>,
): void {
  const missing = Object.keys(variables).filter((name) => !Object.hasOwn(arrays, name));
  const unknown = Object.keys(arrays).filter((name) => !Object.hasOwn(variables, name));
  const misshapen = Object.entries(variables)
    .filter(([name, { shape }]) => arrays[name] && arrays[name].shape.join() !== shape.join())
    .map(([name, { shape }]) => `${name} [${arrays[name]!.shape}] for [${shape}]`);
  if (missing.length + unknown.length + misshapen.length > 0) {
    const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none');
    throw new Error(
      `expected the ${Object.keys(variables).length} arrays of these variables. Missing: ${list(missing)}; unknown: ${list(unknown)}; of another shape: ${list(misshapen)}`,
    );
  }
  tf.tidy(() => {
    for (const [name, variable] of Object.entries(variables)) {
      variable.assign(toTensor(arrays[name]!));
    }
  });
}
