// The independent side of the comparisons: tfjs's own `cpu` backend with tfjs's own gradients.
import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { registerTensorFlowBackend } from '../../src/backend/register.ts';

// Taken before ours take their places.
const stockGradients = ['Add', 'ClipByValue', 'FusedBatchNorm', 'Mean', 'Relu', 'Relu6', 'Sum'].map(
  (name) => tf.getGradient(name),
);

export type Computation = () => tf.Tensor | tf.Tensor[];

/** The values that a computation has on the `cpu` backend, with tfjs's own gradients. */
export function reference(compute: Computation): Promise<number[][]> {
  for (const gradient of stockGradients) tf.registerGradient(gradient);
  return valuesOn('cpu', compute);
}

/** The values that a computation has on a backend, with our gradients. */
export async function ours(compute: Computation, backend = 'tensorflow'): Promise<number[][]> {
  await registerTensorFlowBackend();
  return valuesOn(backend, compute);
}

async function valuesOn(backend: string, compute: Computation): Promise<number[][]> {
  await tf.setBackend(backend);
  return tf.tidy(() => [compute()].flat().map((tensor) => [...tensor.dataSync()]));
}

/** Fails unless all values agree within `tolerance`, relative to the largest of each tensor. */
export function expectClose(actual: number[][], expected: number[][], tolerance = 1e-5): void {
  expect(actual.map((values) => values.length)).toEqual(expected.map((values) => values.length));
  expected.forEach((values, index) => {
    const scale = Math.max(1, ...values.map(Math.abs));
    const errors = values.map((value, i) => Math.abs(value - actual[index]![i]!) / scale);
    // Not toBeLessThan: NaN must fail too.
    expect(errors.every((error) => error <= tolerance)).toBe(true);
  });
}

/** The same normally distributed numbers on every backend. */
export function normal(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape as [number], 0, 1, 'float32', seed);
}
