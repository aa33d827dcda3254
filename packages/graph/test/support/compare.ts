import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { compile, type InputSpec, type TensorValue } from '../../src/index.ts';

/** Tensors by name. */
export type Tensors = Record<string, tf.Tensor>;

/** Largest difference, relative to the largest expected value (to 1 where all are smaller). */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let error = 0;
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    // Two infinities or two NaNs agree.
    if (Object.is(a, b)) continue;
    error = Math.max(error, Number.isNaN(a - b) ? Number.POSITIVE_INFINITY : Math.abs(a - b));
    scale = Math.max(scale, Math.abs(b));
  }
  return error / scale;
}

/** Runs `fn` eagerly and as a graph, on the same tensors, and compares each output in shape, type and values. */
export async function expectGraphToEqualEager(
  fn: (inputs: Tensors) => Tensors,
  inputs: Tensors,
  tolerance = 1e-5,
): Promise<void> {
  const expected = eagerValues(fn, inputs);
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype } as InputSpec]),
  );
  const compiled = await compile(fn as (inputs: object) => Tensors, { inputs: specs });
  const actual = await compiled.run(inputs).finally(() => compiled.dispose());
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { shape, dtype, values }] of Object.entries(expected)) {
    const value = asTensorValue(actual[name]!, dtype);
    expect({ name, shape: value.shape, dtype: value.dtype }).toEqual({ name, shape, dtype });
    expect(relativeError(value.values, values), `output '${name}'`).toBeLessThanOrEqual(tolerance);
  }
}

function eagerValues(fn: (inputs: Tensors) => Tensors, inputs: Tensors) {
  const values: Record<string, TensorValue> = {};
  tf.tidy(() => {
    for (const [name, tensor] of Object.entries(fn(inputs))) {
      const { shape, dtype } = tensor;
      values[name] = { shape, dtype: dtype as TensorValue['dtype'], values: tensor.dataSync() };
    }
  });
  return values;
}

/** A scalar comes as a number, which says nothing of its type. */
function asTensorValue(result: number | TensorValue, dtype: TensorValue['dtype']): TensorValue {
  if (typeof result !== 'number') return result;
  return { shape: [], dtype, values: Float32Array.of(result) };
}
