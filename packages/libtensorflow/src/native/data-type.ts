/** TensorFlow's numbers for the types of a tensor's elements (`TF_DataType`). */
export const DataType = {
  FLOAT: 1,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  BFLOAT16: 14,
  HALF: 19,
  RESOURCE: 20,
} as const;

/** The elements of a native tensor: complex numbers as pairs of floats, strings as their bytes. */
export type TensorValues =
  | Float32Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | BigInt64Array
  | Uint8Array[];

type NumericArray = Exclude<TensorValues, Uint8Array[]>;

/** How the elements of one type lie in memory. */
export interface ElementLayout {
  readonly name: string;
  readonly array: { new (length: number): NumericArray; readonly BYTES_PER_ELEMENT: number };
  /** Array elements for one element of the tensor. */
  readonly width: 1 | 2;
}

const layouts: ReadonlyMap<number, ElementLayout> = new Map<number, ElementLayout>([
  [DataType.FLOAT, { name: 'float32', array: Float32Array, width: 1 }],
  [DataType.INT32, { name: 'int32', array: Int32Array, width: 1 }],
  [DataType.UINT8, { name: 'uint8', array: Uint8Array, width: 1 }],
  [DataType.BOOL, { name: 'bool', array: Uint8Array, width: 1 }],
  [DataType.INT64, { name: 'int64', array: BigInt64Array, width: 1 }],
  [DataType.COMPLEX64, { name: 'complex64', array: Float32Array, width: 2 }],
  // JavaScript has no array of halves before Node 24: their bits.
  [DataType.HALF, { name: 'half', array: Uint16Array, width: 1 }],
  [DataType.BFLOAT16, { name: 'bfloat16', array: Uint16Array, width: 1 }],
]);

/** The layout of a numeric type; strings and resources have none. */
export function layoutOf(dtype: number): ElementLayout | undefined {
  return layouts.get(dtype);
}
