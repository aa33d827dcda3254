import {
  createTensor,
  type Pointer,
  type TensorFlowApi,
} from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { inferShape, requireArray, requireRange, requireShape, wrongType } from './input-checks.ts';
import type { ResolvedInput } from './input-spec.ts';

/** A tensor in native memory: fed as it is, without a copy. It stays the caller's, who deletes it when the run is over. */
export interface NativeTensor {
  /** A `TF_Tensor`. */
  readonly tensor: Pointer;
}

/** Values in row-major order with their shape, which says several unknown sizes. */
export interface ShapedValues {
  readonly values: Float32Array | Int32Array | Uint8Array | Uint8ClampedArray | readonly number[];
  readonly shape: readonly number[];
}

/** What may be given for an input: for several unknown sizes, a tensor or values with their shape, else also plain values. */
export type InputValue =
  | tf.Tensor
  | NativeTensor
  | SentInput
  | ShapedValues
  | number
  | boolean
  | Float32Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | readonly number[]
  | readonly boolean[];

/** An input that is ready to be fed. */
export interface FedInput {
  readonly tensor: Pointer;
  readonly shape: readonly number[];
  /** Whether the tensor was made for this run, and is deleted after it. */
  readonly isOurs: boolean;
  /** Rejects where the value did not come to the device. */
  readonly arrived?: Promise<void>;
}

/** A value that was sent ahead, for one run of the function that sent it. */
export class SentInput {
  readonly #input: ResolvedInput;
  #fed: FedInput | undefined;

  /** @internal */
  constructor(input: ResolvedInput, fed: FedInput) {
    this.#input = input;
    this.#fed = fed;
  }

  /** @internal @throws Error - for another input than its own, and where a run has it already. */
  take(input: ResolvedInput): FedInput {
    const fed = this.#fed;
    if (fed === undefined || input !== this.#input) {
      const got = fed === undefined ? 'one that was' : 'one that was sent to another';
      throw new Error(
        `run: expected a value that was sent to input '${input.name}' and that no run has taken, got ${got}. Send it again.`,
      );
    }
    this.#fed = undefined;
    return fed;
  }

  /** @internal Frees what no run has taken. */
  drop(api: TensorFlowApi): void {
    if (this.#fed) freeInputs(api, [this.#fed]);
    this.#fed = undefined;
  }
}

/**
 * Makes native tensors of the values for all inputs.
 *
 * @throws TypeError - for a missing or unknown input, or a wrong type; RangeError - for a wrong shape.
 */
export function feedInputs(
  api: TensorFlowApi,
  inputs: readonly ResolvedInput[],
  values: Readonly<Record<string, InputValue>>,
): FedInput[] {
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(values).filter((name) => !names.includes(name));
  const missing = names.filter((name) => values[name] === undefined);
  if (unknown.length > 0 || missing.length > 0) {
    throw new TypeError(
      `run: expected the inputs ${list(names)}, got ${list(Object.keys(values))}. Missing: ${list(missing)}; unknown: ${list(unknown)}.`,
    );
  }
  const fed: FedInput[] = [];
  try {
    for (const input of inputs) fed.push(feedInput(api, input, values[input.name]!));
    return fed;
  } catch (error) {
    freeInputs(api, fed);
    throw error;
  }
}

/** Deletes the tensors that were made for a run. */
export function freeInputs(api: TensorFlowApi, fed: readonly FedInput[]): void {
  for (const { tensor, isOurs } of fed) if (isOurs) api.TF_DeleteTensor(tensor);
}

/** Makes a native tensor of the value for one input. */
export function feedInput(api: TensorFlowApi, input: ResolvedInput, value: InputValue): FedInput {
  if (value instanceof SentInput) return value.take(input);
  if (isNativeTensor(value)) return feedNative(api, input, value.tensor);
  if (value instanceof tf.Tensor) {
    if (value.dtype !== (input.dtype === 'uint8' ? 'int32' : input.dtype)) {
      throw wrongType(input, `a tensor of ${value.dtype}`);
    }
    requireShape(input, value.shape);
    const elements = value.dataSync();
    if (input.dtype === 'uint8') requireRange(input, elements);
    return make(api, input, value.shape, elements);
  }
  if (isShaped(value)) {
    requireShape(input, value.shape);
    requireArray(input, value.values);
    const size = tf.util.sizeFromShape([...value.shape]);
    if (value.values.length !== size) {
      throw new RangeError(
        `run: expected ${size} values of shape [${value.shape}] for the input '${input.name}', got ${value.values.length}.`,
      );
    }
    return make(api, input, value.shape, value.values);
  }
  const elements =
    typeof value === 'number' || typeof value === 'boolean' ? [Number(value)] : value;
  requireArray(input, elements);
  return make(api, input, inferShape(input, elements.length), elements as ArrayLike<number>);
}

function make(
  api: TensorFlowApi,
  { nativeType }: ResolvedInput,
  shape: readonly number[],
  values: ArrayLike<number>,
): FedInput {
  return { tensor: createTensor(api, nativeType, shape, values), shape, isOurs: true };
}

function feedNative(api: TensorFlowApi, input: ResolvedInput, tensor: Pointer): FedInput {
  const dtype = api.TF_TensorType(tensor);
  if (dtype !== input.nativeType) throw wrongType(input, `a native tensor of TF_DataType ${dtype}`);
  const shape = Array.from({ length: api.TF_NumDims(tensor) }, (_, i) => api.TF_Dim(tensor, i));
  requireShape(input, shape);
  return { tensor, shape, isOurs: false };
}

function isNativeTensor(value: InputValue): value is NativeTensor {
  return typeof value === 'object' && value !== null && 'tensor' in value;
}

function isShaped(value: InputValue): value is ShapedValues {
  return typeof value === 'object' && value !== null && 'values' in value && 'shape' in value;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', ');
}
