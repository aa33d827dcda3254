import type { DataType, NamedAttrMap } from '@tensorflow/tfjs-core';

/** A tensor as data. Of complex numbers, real and imaginary parts take turns. */
export interface TensorData {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number> | readonly Uint8Array[];
}

type Input = TensorData | readonly TensorData[] | undefined;

/** A call of a kernel as data. */
export interface KernelCall {
  readonly kernel: string;
  /** By name, or a list from kernels that take any number; a list may also be one of the named inputs. */
  readonly inputs: Readonly<Record<string, Input>> | readonly TensorData[];
  readonly attributes: NamedAttrMap | undefined;
}

/** What a run of tfjs-core's suite asks of kernels. */
export interface Recording {
  /** Each call once, however often it was made. */
  readonly calls: readonly KernelCall[];
  /** For each test that passed, the places of its calls in `calls`. */
  readonly tests: readonly { readonly name: string; readonly calls: readonly number[] }[];
  /** How many calls were made, and how many of these had too many elements to be kept. */
  readonly callCount: number;
  readonly tooLarge: number;
}

/** Changes each tensor of a call's inputs, whatever holds it. */
export function mapInputs<From extends object, To>(
  inputs: unknown,
  change: (input: From, place: number) => To,
): unknown {
  let place = 0;
  const visit = (input: unknown): unknown => {
    if (input === undefined || input === null) return undefined;
    return Array.isArray(input) ? input.map(visit) : change(input as From, place++);
  };
  if (Array.isArray(inputs)) return inputs.map(visit);
  const entries = Object.entries(inputs as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, input]) => [name, visit(input)]));
}
