/** The largest difference, relative to the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!);
    if (!(distance <= difference)) difference = distance;
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}

const norm = (values: ArrayLike<number>) => Math.sqrt(dot(values, values));

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

type Vectors = Readonly<Record<string, ArrayLike<number>>>;

/** The largest difference of ten losses, relative to how far they fall. */
export function errorOfLosses(actual: readonly number[], expected: readonly number[]): number {
  const distances = expected.map((loss, step) => Math.abs(actual[step]! - loss));
  return Math.max(...distances) / (Math.max(...expected) - Math.min(...expected));
}

/** The twin of `worst` in reference.py, of vectors or of their summaries. Infinite if the names differ. */
export function worstError(
  actual: Vectors,
  expected: Vectors,
  {
    normOf = norm,
    whole = {},
  }: { normOf?: (vector: ArrayLike<number>) => number; whole?: Vectors } = {},
): number {
  const names = Object.keys(expected);
  if (Object.keys(actual).sort().join() !== names.toSorted().join())
    return Number.POSITIVE_INFINITY;
  const floor = 1e-3 * Math.max(...names.map((name) => normOf(expected[name]!)));
  return Math.max(
    ...names.map((name) => {
      const [a, e] = [actual[name]!, expected[name]!];
      let squares = 0;
      for (let i = 0; i < e.length; i++) squares += (a[i]! - e[i]!) ** 2;
      return Math.sqrt(squares) / Math.max(normOf(e), floor, 1e-3 * norm(whole[name] ?? []));
    }),
  );
}

/** The twin of `summary` in reference.py: norm, and dot product with a vector of pseudo-random numbers. */
export function summaryOf(values: ArrayLike<number>, direction: ArrayLike<number>): number[] {
  return [norm(values), dot(values, direction)];
}
