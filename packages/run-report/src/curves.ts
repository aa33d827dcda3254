/** Values by name; null where there is none. */
export type Row = Readonly<Record<string, number | null>>;

/** What became of one name in neighbouring rows: mean, lowest and highest of the values that are there. */
interface Spread {
  sum: number;
  count: number;
  min: number;
  max: number;
}

interface Bucket {
  first: number;
  last: number;
  rows: number;
  readonly values: Map<string, Spread>;
}

/** A curve for a chart; null where no value was. */
export interface Curve {
  readonly mean: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** Curves over a common x of at most `maxPoints` points, however many rows are added. */
export interface Curves {
  add(x: number, row: Row): void;
  /** In the order in which they came. */
  readonly names: readonly string[];
  readonly x: readonly number[];
  /** Rows in a point. */
  readonly rowsInPoint: number;
  curve(name: string): Curve;
}

function absorb(values: Bucket['values'], name: string, from: Spread): void {
  const into = values.get(name);
  if (into === undefined) {
    values.set(name, from);
    return;
  }
  into.sum += from.sum;
  into.count += from.count;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
}

/**
 * Curves that are down-sampled as they grow: a point stands for 1, 2, 4, ... rows, twice as many each time that `maxPoints` would be
 * exceeded. The points depend on the rows alone, not on when they are looked at; time and memory for a row do not depend on how
 * many came before. `maxPoints` is even.
 */
export function growingCurves(maxPoints = 1024): Curves {
  let buckets: Bucket[] = [];
  let rowsInPoint = 1;
  const names = new Set<string>();
  const halve = () => {
    buckets = buckets.filter((bucket, i) => {
      const before = buckets[i - 1];
      if (i % 2 === 0 || before === undefined) return true;
      before.last = bucket.last;
      before.rows += bucket.rows;
      for (const [name, spread] of bucket.values) absorb(before.values, name, spread);
      return false;
    });
    rowsInPoint *= 2;
  };
  /** The point that a row at `x` belongs to. */
  const bucketFor = (x: number): Bucket => {
    const last = buckets.at(-1);
    if (last && last.rows < rowsInPoint) return last;
    if (buckets.length === maxPoints) halve();
    const next = { first: x, last: x, rows: 0, values: new Map() };
    buckets.push(next);
    return next;
  };
  return {
    add(x, row) {
      const bucket = bucketFor(x);
      bucket.last = x;
      bucket.rows += 1;
      for (const name in row) {
        const value = row[name];
        if (typeof value !== 'number' || !Number.isFinite(value)) continue;
        names.add(name);
        absorb(bucket.values, name, { sum: value, count: 1, min: value, max: value });
      }
    },
    get names() {
      return [...names];
    },
    get x() {
      return buckets.map(({ first, last }) => Math.round((first + last) / 2));
    },
    get rowsInPoint() {
      return rowsInPoint;
    },
    curve(name) {
      const spreads = buckets.map(({ values }) => values.get(name));
      return {
        mean: spreads.map((one) => (one ? one.sum / one.count : null)),
        min: spreads.map((one) => one?.min ?? null),
        max: spreads.map((one) => one?.max ?? null),
      };
    },
  };
}
