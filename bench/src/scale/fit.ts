import { relativeDifference, type Spread, spreadOf } from '../statistics.ts';
import { allReduceMs, type ExchangeCost, type Link, ringBytes } from './step-model.ts';

/** An all-reduce as it was measured. */
export interface Observation {
  readonly link: Link;
  readonly processes: number;
  readonly bytes: number;
  readonly ms: number;
  /** Of one process. */
  readonly cpuMs: number;
}

/** What the measured all-reduces say. */
export interface Fit {
  readonly exchange: ExchangeCost;
  /** Time of the cores for a collective, and for a byte that a process sends of it. */
  readonly cpu: { readonly callMs: number; readonly byteMs: number };
  /** Of the model to what was measured, |difference| over the larger. */
  readonly error: Spread;
}

/** Fits the model's constants, none below 0, so that the relative errors are small. */
export function fitExchange(observations: readonly Observation[]): Fit {
  const rows = observations.map(({ link, processes, bytes }) => {
    const hops = 2 * (processes - 1);
    const sent = ringBytes(bytes, processes);
    const wire = link.rate === null ? 0 : (sent * 8000) / link.rate;
    return [1, hops, sent, hops * link.delayMs, wire];
  });
  const times = observations.map(({ ms }) => ms);
  const [callMs, hopMs, byteMs, delays, overhead] = nonNegativeLeastSquares(rows, times) as [
    ...[number, number, number, number, number],
  ];
  const exchange = { callMs, hopMs, byteMs, delays, overhead };
  const work = observations.map(({ processes, bytes }) => [1, ringBytes(bytes, processes)]);
  const [cpuCallMs, cpuByteMs] = nonNegativeLeastSquares(
    work,
    observations.map(({ cpuMs }) => cpuMs),
  ) as [number, number];
  const errors = observations.map(({ link, processes, bytes, ms }) =>
    relativeDifference(allReduceMs(bytes, processes, link, exchange), ms),
  );
  return { exchange, cpu: { callMs: cpuCallMs, byteMs: cpuByteMs }, error: spreadOf(errors) };
}

/**
 * The coefficients, none below 0, whose sums over the columns are nearest to the values, relative to each value: the best of the plain
 * solutions with some of the columns left out, of which five columns have 31.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): number[] {
  const columns = rows[0]!.map((_, column) => column);
  let best = { error: Number.POSITIVE_INFINITY, coefficients: columns.map(() => 0) };
  for (let chosen = 1; chosen < 2 ** columns.length; chosen++) {
    const kept = columns.filter((column) => chosen & (1 << column));
    const relative = rows.map((row, i) => kept.map((column) => row[column]! / values[i]!));
    const solution = solve(
      kept.map((_, i) => kept.map((_, j) => sum(relative.map((row) => row[i]! * row[j]!)))),
      kept.map((_, i) => sum(relative.map((row) => row[i]!))),
    );
    if (!solution.every((coefficient) => coefficient >= 0)) continue;
    const error = sum(
      relative.map((row) => (sum(row.map((value, i) => value * solution[i]!)) - 1) ** 2),
    );
    if (!(error < best.error)) continue;
    const coefficients = columns.map((column) => solution[kept.indexOf(column)] ?? 0);
    best = { error, coefficients };
  }
  return best.coefficients;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Gaussian elimination of a symmetric positive definite system; NaN where it has no solution. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (const [i, pivot] of rows.entries()) {
    for (const [j, row] of rows.entries()) {
      if (i === j) continue;
      const factor = row[i]! / pivot[i]!;
      for (let k = i; k < row.length; k++) row[k]! -= factor * pivot[k]!;
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}
