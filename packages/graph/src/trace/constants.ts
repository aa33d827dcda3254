import {
  DataType,
  type GraphBuilder,
  type GraphOutput,
  type InputValues,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';

/** A constant of fewer elements is not worth a look at its values. */
const MIN_UNIFORM_SIZE = 64;

/** Makes the constants of a trace: all the same value as one number, others up to a limit. */
export class ConstantMaker {
  readonly #builder: GraphBuilder;
  readonly #maxBytes: number;

  constructor(builder: GraphBuilder, maxBytes: number) {
    this.#builder = builder;
    this.#maxBytes = maxBytes;
  }

  /** @throws if the values take more bytes than the limit; `what` says whose they are. */
  make(
    dtype: number,
    shape: readonly number[],
    values: InputValues,
    what: string,
    device?: string,
  ): GraphOutput {
    const value = uniformValue(dtype, values);
    if (value !== undefined) return this.uniform(dtype, shape, value);
    const bytes = ArrayBuffer.isView(values) ? values.byteLength : values.length * 4;
    if (bytes > this.#maxBytes) {
      throw new RangeError(
        `compile: expected constants of at most ${this.#maxBytes} bytes (maxConstantBytes), got ${what} of shape [${shape}], ${bytes} bytes. ` +
          'Declare it as an input if it varies per step, or make it a tf.Variable, which becomes state of the graph.',
      );
    }
    return this.#builder.constant(dtype, shape, values, device);
  }

  /** A tensor of one value. */
  uniform(dtype: number, shape: readonly number[], value: number): GraphOutput {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const builder = this.#builder;
    if (size <= MIN_UNIFORM_SIZE) return builder.constant(dtype, shape, filled(dtype, size, value));
    const dims = builder.constant(DataType.INT32, [shape.length], Int32Array.from(shape));
    const scalar = builder.constant(dtype, [], filled(dtype, 1, value));
    const attributes = [typeAttribute('T', dtype), typeAttribute('index_type', DataType.INT32)];
    return { oper: builder.node('Fill', { inputs: [dims, scalar], attributes }), index: 0 };
  }
}

/** Whether a value of the type is a plain number in JavaScript. */
export function isPlain(dtype: number): boolean {
  return dtype === DataType.FLOAT || dtype === DataType.INT32 || dtype === DataType.BOOL;
}

/** The one value of all elements, if there is one and a look is worth it. */
function uniformValue(dtype: number, values: InputValues): number | undefined {
  if (!isPlain(dtype)) return undefined;
  const numbers = values as ArrayLike<number>;
  if (numbers.length <= MIN_UNIFORM_SIZE) return undefined;
  const first = numbers[0]!;
  for (let i = 1; i < numbers.length; i++) if (!Object.is(numbers[i], first)) return undefined;
  return first;
}

function filled(
  dtype: number,
  size: number,
  value: number,
): Float32Array | Int32Array | Uint8Array {
  if (dtype === DataType.FLOAT) return new Float32Array(size).fill(value);
  if (dtype === DataType.INT32) return new Int32Array(size).fill(value);
  return new Uint8Array(size).fill(value);
}
