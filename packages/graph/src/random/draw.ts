/** What the numbers of a tensor follow; a range of [min, min + range), or a truncation at two standard deviations. */
export type Distribution =
  | { readonly kind: 'uniform'; readonly min: number; readonly range: number }
  | {
      readonly kind: 'normal' | 'truncatedNormal';
      readonly mean: number;
      readonly stdDev: number;
    };

/** A tensor of random numbers that `fn` asks for. */
export interface Draw {
  /** The op of tfjs, for messages. */
  readonly op: string;
  readonly distribution: Distribution;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Numbers that stand for the op's own argument `seed`, if there is one. */
  readonly seed: readonly number[];
}

const numericTypes = ['float32', 'int32', 'bool'] as const;
const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** @throws TypeError - for a type that holds no numbers. */
export function requireNumeric({ op, dtype }: Draw): (typeof numericTypes)[number] {
  const type = numericTypes.find((one) => one === dtype);
  if (type) return type;
  throw new TypeError(
    `tf.${op}: expected dtype float32, int32 or bool, got ${dtype}. Cast the numbers afterwards.`,
  );
}

/** The bounds of the integers i with min <= i < max. */
export function integers(op: string, min: number, max: number): [number, number] {
  const [lower, upper] = [Math.ceil(min), Math.ceil(max)];
  if (lower < upper && lower >= int32.min && upper <= int32.max) return [lower, upper];
  throw new RangeError(
    `tf.${op}: expected a range [minval, maxval) with an int32 in it, got [${min}, ${max}). Widen it, or draw float32.`,
  );
}

export function requireFinite(op: string, distribution: Distribution): void {
  const { kind, ...parameters } = distribution;
  for (const [name, value] of Object.entries(parameters)) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`tf.${op}: expected a finite ${name}, got ${value}.`);
    }
  }
}
