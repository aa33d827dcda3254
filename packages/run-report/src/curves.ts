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

const join = (a: Spread | undefined, b: Spread): Spread =>
  a
    ? {
        sum: a.sum + b.sum,
        count: a.count + b.count,
        min: Math.min(a.min, b.min),
        max: Math.max(a.max, b.max),
      }
    : b;

function absorb(into: Bucket, from: Bucket): void {
  into.last = from.last;
  into.rows += from.rows;
  for (const [name, spread] of from.values)
    into.values.set(name, join(into.values.get(name), spread));
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
      if (i % 2 === 1) absorb(buckets[i - 1]!, bucket);
      return i % 2 === 0;
    });
    rowsInPoint *= 2;
  };
  return {
    add(x, row) {
      const values = new Map<string, Spread>();
      for (const [name, value] of Object.entries(row)) {
        if (typeof value !== 'number' || !Number.isFinite(value)) continue;
        names.add(name);
        values.set(name, { sum: value, count: 1, min: value, max: value });
      }
      const one = { first: x, last: x, rows: 1, values };
      const last = buckets.at(-1);
      if (last && last.rows < rowsInPoint) return absorb(last, one);
      if (buckets.length === maxPoints) halve();
      buckets.push(one);
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
