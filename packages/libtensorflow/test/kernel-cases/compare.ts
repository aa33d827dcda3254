import * as tf from '@tensorflow/tfjs-core';
import type { Computation } from './case.ts';

/** What a computation gives: tensors as values, or the error's message. */
export type Outcome = { shape: number[]; dtype: string; values: (number | string)[] }[] | string;

/** Runs a computation on a backend, and notes which kernels ran. */
export async function outcomeOn(
  backend: string,
  compute: Computation,
  dtype: tf.DataType,
): Promise<{ outcome: Outcome; kernels: string[] }> {
  await tf.setBackend(backend);
  const engine = tf.engine();
  const kernels: string[] = [];
  const before = tf.memory().numTensors;
  const runKernel = engine.runKernel;
  engine.runKernel = function (this: typeof engine, name, ...rest) {
    kernels.push(name);
    return runKernel.call(this, name, ...rest);
  } as typeof engine.runKernel;
  try {
    const outcome = tf.tidy(() =>
      [compute(dtype)].flat().map((tensor) => {
        const y = tensor.dtype === 'complex64' ? tf.stack([tf.real(tensor), tf.imag(tensor)]) : tensor;
        return { shape: tensor.shape, dtype: tensor.dtype, values: [...y.dataSync()] };
      }),
    ) as unknown as Outcome;
    if (tf.memory().numTensors !== before) return { outcome: `leaks ${tf.memory().numTensors - before} tensors`, kernels };
    return { outcome, kernels };
  } catch (error) {
    return { outcome: (error as Error).message, kernels };
  } finally {
    engine.runKernel = runKernel;
  }
}

/** What differs between two outcomes in a few words; `undefined` if nothing does. */
export function difference(actual: Outcome, expected: Outcome): string | undefined {
  if (typeof expected === 'string' || typeof actual === 'string') {
    if (typeof expected === typeof actual) return undefined;
    return typeof actual === 'string' ? `throws ${actual.slice(0, 200)}` : `instead of: ${(expected as string).slice(0, 100)} GIVES ${JSON.stringify(actual)}`;
  }
  for (const [index, want] of expected.entries()) {
    const got = actual[index]!;
    if (got.dtype !== want.dtype) return `dtype ${got.dtype} instead of ${want.dtype} ${show(got.values)} ${show(want.values)}`;
    if (String(got.shape) !== String(want.shape)) return `shape ${got.shape} instead of ${want.shape}`;
    if (!want.values.every((value, i) => isClose(got.values[i]!, value))) {
      return `${show(got.values)} instead of ${show(want.values)}`;
    }
  }
  return undefined;
}
const show = (values: unknown[]) => `[${values.slice(0, 12).join(', ')}]`;

function isClose(actual: number | string, expected: number | string): boolean {
  if (Object.is(actual, expected) || actual === expected) return true;
  if (typeof actual === 'string' || typeof expected === 'string') return false;
  return Math.abs(actual - expected) <= 1e-5 * Math.max(1e-3, Math.abs(expected));
}
