import * as tf from '@tensorflow/tfjs-core';
import type { Computation } from './case.ts';
import { type Kind, made } from './sample.ts';

interface Output {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Of complex numbers, first the real parts, then the imaginary ones. */
  readonly values: readonly (number | string)[];
}

/** What a computation gives: its tensors, or the message of its error. */
export type Outcome = readonly Output[] | string;

/** Runs a computation on a backend, and notes which kernels ran. It must leave its inputs alive and nothing else behind. */
export async function outcomeOn(backend: string, compute: Computation, kind: Kind) {
  await tf.setBackend(backend);
  const engine = tf.engine();
  const kernels: string[] = [];
  const { runKernel } = engine;
  engine.runKernel = ((name: string, ...rest: [tf.NamedTensorMap]) => {
    kernels.push(name);
    return runKernel.call(engine, name, ...rest);
  }) as typeof engine.runKernel;
  made.length = 0;
  const before = tf.memory().numTensors;
  let outcome: Outcome;
  try {
    engine.startScope();
    const outputs = [compute(kind as tf.DataType)].flat().map(read);
    const disposed = made.filter((input) => input.isDisposed).length;
    outcome = disposed > 0 ? `disposed of ${disposed} inputs` : outputs;
  } catch (error) {
    outcome = (error as Error).message;
  } finally {
    engine.endScope();
    engine.runKernel = runKernel;
  }
  const left = tf.memory().numTensors - before;
  return { outcome: left > 0 ? `left ${left} tensors` : outcome, kernels };
}

function read(tensor: tf.Tensor): Output {
  const { shape, dtype } = tensor;
  const parts = dtype === 'complex64' ? [tf.real(tensor), tf.imag(tensor)] : [tensor];
  const values = parts.flatMap((part) => [...part.dataSync()]) as (number | string)[];
  // The cpu backend keeps sums of truth values; what is not 0 is true.
  return {
    shape,
    dtype,
    values: dtype === 'bool' ? values.map((value) => Number(!!value)) : values,
  };
}

/** What differs, in a few words; `undefined` if nothing does. Two refusals are the same. */
export function difference(actual: Outcome, expected: Outcome, isSum = false): string | undefined {
  if (typeof actual === 'string') {
    return typeof expected === 'string' ? undefined : `fails: ${actual}`;
  }
  if (typeof expected === 'string') return `is ${show(actual)}, where expected fails: ${expected}`;
  if (expected.some(({ dtype }, i) => dtype !== actual[i]?.dtype)) {
    return `is ${show(actual)} instead of ${show(expected)}`;
  }
  return differenceOfValues(actual, expected, isSum);
}

/** The same, whatever the types. */
export function differenceOfValues(
  actual: Outcome,
  expected: Outcome,
  isSum = false,
): string | undefined {
  if (typeof actual === 'string' || typeof expected === 'string') {
    return difference(actual, expected);
  }
  const isSame = expected.every((want, i) => {
    const got = actual[i]!;
    const isFloat = got.dtype === 'float32' || got.dtype === 'complex64';
    const sizes = want.values.map((value) => Math.abs(Number(value))).filter(Number.isFinite);
    // Sums of products of floats lose what is small beside the largest.
    const absolute = isFloat ? Math.min(1e-6 * Math.max(0, ...sizes), isSum ? Infinity : 1e-6) : 0;
    const relative = isFloat ? 1e-5 : 0;
    return (
      String(got.shape) === String(want.shape) &&
      got.values.length === want.values.length &&
      want.values.every((value, j) => isClose(got.values[j]!, value, absolute, relative))
    );
  });
  return isSame ? undefined : `is ${show(actual)} instead of ${show(expected)}`;
}

function isClose(
  actual: number | string,
  expected: number | string,
  absolute: number,
  relative: number,
): boolean {
  if (Object.is(actual, expected) || actual === expected) return true;
  if (typeof actual === 'string' || typeof expected === 'string') return false;
  return Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}

function show(outcome: readonly Output[]): string {
  return outcome
    .map(({ dtype, shape, values }) => `${dtype} [${shape}] (${values.slice(0, 12).join(', ')})`)
    .join(' and ');
}
