import type { TensorFlowApi } from './api.ts';
import { DataType, type ElementLayout, layoutOf, type TensorValues } from './data-type.ts';
import type { Pointer } from './prototype.ts';
import { freeStrings, readStrings, stringBytes, writeStrings } from './strings.ts';

/** Values as tfjs holds them before an upload; plain numbers are converted. */
export type InputValues = TensorValues | ArrayLike<number> | ArrayLike<bigint> | Uint8Array[];

/**
 * Makes a `TF_Tensor` that holds a copy of the values; the caller deletes it with `deleteTensor`.
 *
 * Complex numbers are pairs of floats. An int64 tensor also takes an `Int32Array` of low and high
 * halves, as tfjs-node's kernels give it.
 *
 * @throws TypeError - for a type without values in JavaScript; RangeError - if the number of values
 * is not that of the shape.
 */
export function createTensor(
  api: TensorFlowApi,
  dtype: number,
  shape: readonly number[],
  values: InputValues,
): Pointer {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (dtype === DataType.STRING) {
    requireLength(values.length, size, shape);
    const tensor = allocate(api, dtype, shape, size * stringBytes);
    writeStrings(api, dataOf(api, tensor), values as Uint8Array[]);
    return tensor;
  }
  const layout = requireLayout(dtype);
  const elements = asElements(layout, values);
  requireLength(elements.byteLength / (layout.array.BYTES_PER_ELEMENT * layout.width), size, shape);
  const tensor = allocate(api, dtype, shape, elements.byteLength);
  if (elements.byteLength > 0) {
    api.memcpy(dataOf(api, tensor), elements, elements.byteLength);
  }
  return tensor;
}

/**
 * A copy of the values of a `TF_Tensor`.
 *
 * @throws TypeError - for a type without values in JavaScript, such as a resource.
 */
export function readTensor(api: TensorFlowApi, tensor: Pointer): TensorValues {
  const dtype = api.TF_TensorType(tensor);
  const bytes = api.TF_TensorByteSize(tensor);
  if (dtype === DataType.STRING) {
    return bytes === 0 ? [] : readStrings(api, dataOf(api, tensor), bytes / stringBytes);
  }
  const { array: ElementArray } = requireLayout(dtype);
  const values = new ElementArray(bytes / ElementArray.BYTES_PER_ELEMENT);
  if (bytes > 0) api.memcpy(values, dataOf(api, tensor), bytes);
  return values;
}

/** Deletes a tensor of `createTensor`, and its strings, which TensorFlow itself would leave behind. */
export function deleteTensor(api: TensorFlowApi, tensor: Pointer): void {
  if (api.TF_TensorType(tensor) === DataType.STRING) {
    const count = api.TF_TensorByteSize(tensor) / stringBytes;
    if (count > 0) freeStrings(api, dataOf(api, tensor), count);
  }
  api.TF_DeleteTensor(tensor);
}

function allocate(
  api: TensorFlowApi,
  dtype: number,
  shape: readonly number[],
  bytes: number,
): Pointer {
  const tensor = api.TF_AllocateTensor(
    dtype,
    BigInt64Array.from(shape, BigInt),
    shape.length,
    bytes,
  );
  if (tensor === null) {
    throw new RangeError(
      `createTensor: expected room for ${bytes} bytes of shape [${shape}], got none. Use a smaller batch.`,
    );
  }
  return tensor;
}

function dataOf(api: TensorFlowApi, tensor: Pointer): Pointer {
  const data = api.TF_TensorData(tensor);
  if (data === null) {
    throw new Error('TF_TensorData: expected the memory of a tensor, got none.');
  }
  return data;
}

function requireLayout(dtype: number): ElementLayout {
  const layout = layoutOf(dtype);
  if (layout !== undefined) return layout;
  throw new TypeError(
    `TensorFlow tensor: expected a type whose values JavaScript can hold, got TF_DataType ${dtype}. Cast it first.`,
  );
}

function asElements(layout: ElementLayout, values: InputValues): NodeJS.TypedArray {
  if (values instanceof layout.array) return values;
  if (layout.name === 'int64') {
    if (values instanceof Int32Array) return values;
    return BigInt64Array.from(values as ArrayLike<number>, BigInt);
  }
  const elements = new layout.array(values.length);
  elements.set(values as ArrayLike<never>);
  return elements;
}

function requireLength(length: number, size: number, shape: readonly number[]): void {
  if (length === size) return;
  throw new RangeError(
    `createTensor: expected ${size} values for shape [${shape}], got ${length}.`,
  );
}
