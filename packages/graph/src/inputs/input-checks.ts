import { describeShape, type ResolvedInput } from './input-spec.ts';

/** @throws RangeError - if the shape is not as declared. */
export function requireShape(input: ResolvedInput, shape: readonly number[]): void {
  const fits =
    shape.length === input.shape.length &&
    input.shape.every((size, i) => size === null || size === shape[i]);
  if (!fits) throw wrongShape(input, `shape [${shape}]`);
}

/** The shape of so many values, where at most one size is open. */
export function inferShape(input: ResolvedInput, length: number): number[] {
  const known = input.shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  const open = input.shape.filter((size) => size === null).length;
  const size = open === 0 ? 1 : length / known;
  if (open > 1)
    throw wrongShape(
      input,
      `${length} values, whose shape is not clear: pass a tensor, or { values, shape }`,
    );
  if (!Number.isInteger(size) || known * size !== length) {
    throw wrongShape(input, `${length} values`);
  }
  return input.shape.map((dim) => dim ?? size);
}

/** The typed arrays that hold an input's elements as they are. */
const arrays = {
  float32: [Float32Array],
  int32: [Int32Array],
  uint8: [Uint8Array, Uint8ClampedArray],
  bool: [Uint8Array],
};

const limits = { int32: [-(2 ** 31), 2 ** 31 - 1], uint8: [0, 255], bool: [0, 1] } as const;

/** @throws TypeError - for an array of another type, whose elements would be cut or rounded on the way. */
export function requireArray(input: ResolvedInput, values: unknown): void {
  if (Array.isArray(values)) {
    const wrong = values.find((value) => typeof value !== 'number' && typeof value !== 'boolean');
    if (wrong !== undefined) throw wrongType(input, `an array with ${typeof wrong}`);
    requireRange(input, values.map(Number));
  } else if (!arrays[input.dtype].some((array) => values instanceof array)) {
    throw wrongType(input, String((values as object | null)?.constructor?.name ?? values));
  }
}

/** @throws RangeError - if an element is not one of the input's type. */
export function requireRange({ name, dtype }: ResolvedInput, values: ArrayLike<number>): void {
  if (dtype === 'float32') return;
  const [low, high] = limits[dtype];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    throw new RangeError(
      `run: expected input '${name}' to hold whole numbers from ${low} to ${high} (${dtype}), got ${value}.`,
    );
  }
}

export function wrongType({ name, dtype }: ResolvedInput, got: string): TypeError {
  return new TypeError(
    `run: expected input '${name}' to be ${dtype}, got ${got}. Convert it first.`,
  );
}

function wrongShape({ name, shape }: ResolvedInput, got: string): RangeError {
  return new RangeError(
    `run: expected input '${name}' of shape ${describeShape(shape)}, got ${got}. ` +
      'A size that differs from call to call is declared as null: each size is then compiled once.',
  );
}
