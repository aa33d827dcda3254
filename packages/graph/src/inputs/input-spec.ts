import { DataType } from '@bag-of-tricks/libtensorflow/native';

/** The types that an input may have; `fn` sees uint8 as int32, which tfjs knows. */
export type InputDataType = 'float32' | 'int32' | 'uint8' | 'bool';

/** An input of a compiled function. */
export interface InputSpec {
  /** Whole numbers; `null` for a size that may differ from call to call, such as the batch. */
  readonly shape: readonly (number | null)[];
  /** Default: `float32`. */
  readonly dtype?: InputDataType;
  /** Whether `send` may bring its values to the device before the run that takes them; of no use for int32, which TensorFlow keeps in host memory. Default: `false`. */
  readonly ahead?: boolean;
}

/** An input whose options were checked. */
export interface ResolvedInput {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: InputDataType;
  readonly ahead: boolean;
  /** TensorFlow's number of the type. */
  readonly nativeType: number;
}

/** TensorFlow's numbers of the types. */
const nativeTypes: Readonly<Record<InputDataType, number>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
};

/** @throws TypeError or RangeError - naming the input that is described wrongly. */
export function resolveInputs(inputs: Readonly<Record<string, InputSpec>>): ResolvedInput[] {
  return Object.entries(inputs).map(([name, { shape, dtype = 'float32', ahead = false }]) => {
    if (!Object.hasOwn(nativeTypes, dtype)) {
      throw new TypeError(
        `compile: expected the dtype of input '${name}' to be ${Object.keys(nativeTypes).join(', ')}, got ${dtype}.`,
      );
    }
    for (const size of shape) {
      if (size !== null && !(Number.isInteger(size) && size >= 0)) {
        throw new RangeError(
          `compile: expected the shape of input '${name}' to hold whole numbers, or null for a size that varies, got [${shape}].`,
        );
      }
    }
    return { name, shape, dtype, ahead, nativeType: nativeTypes[dtype] };
  });
}

/** The shape of an input as a message writes it. */
export function describeShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? 'any').join(',')}]`;
}
