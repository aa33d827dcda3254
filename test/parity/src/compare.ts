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

/**
 * The largest difference of a tensor, relative to the tensor's norm, or to a thousandth of the largest norm where that is more: the
 * gradient of a shift that the next batch norm takes away is 0 but for rounding. Infinite if the names differ.
 */
export function worstError(
  actual: Vectors,
  expected: Vectors,
  normOf: (vector: ArrayLike<number>) => number = norm,
): number {
  const names = Object.keys(expected);
  if (Object.keys(actual).sort().join() !== names.toSorted().join())
    return Number.POSITIVE_INFINITY;
  const floor = 1e-3 * Math.max(...names.map((name) => normOf(expected[name]!)));
  return Math.max(
    ...names.map((name) => {
      const [a, e] = [actual[name]!, expected[name]!];
      const difference = norm(Float64Array.from({ length: e.length }, (_, i) => a[i]! - e[i]!));
      return difference / Math.max(normOf(e), floor);
    }),
  );
}

/** The twin of `summary` in reference.py: norm, and dot product with a vector of pseudo-random numbers. */
export function summaryOf(values: ArrayLike<number>, direction: ArrayLike<number>): number[] {
  return [norm(values), dot(values, direction)];
}
