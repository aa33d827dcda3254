import type { Contestant } from '../contestants/contestants.ts';
import type { Precision } from '../contestants/precision.ts';
import type { MachineRate } from '../ours/machine-rate.ts';
import { median, type Spread, spreadOf } from '../statistics.ts';
import type { Workload } from '../workloads.ts';
import type { Measurement } from './measure.ts';

/** All rounds of one contestant, in figures. Spreads are over the rounds. */
export interface ContestantSummary {
  readonly name: string;
  readonly side: Contestant['side'];
  readonly precision: Precision;
  readonly stepMs: Spread;
  readonly imagesPerSecond: Spread;
  /** How much faster than the best mode of PyTorch in the same precision; null without one. */
  readonly ratio: Spread | null;
  /** What the step's convolutions and matrix products come to, as a share of the machine's best float32 rate; null in other precisions. */
  readonly shareOfConvolutionRate: number | null;
  readonly shareOfMatrixProductRate: number | null;
  readonly traceMs: number | null;
  /** Includes compiling; the longest one, as later rounds may find a cache. */
  readonly firstStepMs: number;
  readonly opCount: number | null;
  readonly peakRssBytes: number;
  readonly foreignShare: number | null;
}

/** What the summary is made of. */
export interface SummaryParts {
  readonly workload: Workload;
  readonly flopsPerStep: number;
  readonly rate: MachineRate;
  readonly contestants: readonly Pick<Contestant, 'name' | 'side' | 'precision'>[];
  readonly results: ReadonlyMap<string, readonly Measurement[]>;
}

/** The mode of PyTorch with the shortest median step in this precision; null when none took part. */
export function bestPyTorch(
  { contestants, results }: Pick<SummaryParts, 'contestants' | 'results'>,
  wanted: Precision,
): string | null {
  const times = contestants
    .filter(({ side, precision }) => side === 'pytorch' && precision === wanted)
    .map(({ name }) => ({ name, stepMs: median(stepTimes(results.get(name)!)) }));
  return times.sort((a, b) => a.stepMs - b.stepMs)[0]?.name ?? null;
}

/** Turns rounds into figures. */
export function summarize(parts: SummaryParts): ContestantSummary[] {
  return parts.contestants.map(({ name, side, precision }) => {
    const rounds = parts.results.get(name)!;
    const best = bestPyTorch(parts, precision);
    const times = stepTimes(rounds);
    const stepMs = spreadOf(times);
    const rate = precision === 'float32' ? parts.flopsPerStep / stepMs.median / 1e6 : null;
    return {
      name,
      side,
      precision,
      stepMs,
      imagesPerSecond: spreadOf(times.map((ms) => (parts.workload.batchSize * 1000) / ms)),
      ratio: best === null ? null : ratioOf(stepTimes(parts.results.get(best)!), times),
      shareOfConvolutionRate: rate && rate / parts.rate.convolution,
      shareOfMatrixProductRate: rate && rate / parts.rate.matrixProduct,
      traceMs: medianOfKnown(rounds.map(({ traceMs }) => traceMs)),
      firstStepMs: Math.max(...rounds.map(({ warmupMs }) => warmupMs[0]!)),
      opCount: rounds[0]!.opCount,
      peakRssBytes: Math.max(...rounds.map(({ peakRssBytes }) => peakRssBytes)),
      foreignShare: medianOfKnown(rounds.map(({ foreignShare }) => foreignShare)),
    };
  });
}

/** The ratio of the medians, and how far the ratios of single rounds lie apart. */
export function ratioOf(theirs: readonly number[], ours: readonly number[]): Spread {
  const single = spreadOf(ours.map((ms, round) => theirs[round]! / ms));
  return { ...single, median: median(theirs) / median(ours) };
}

/** The median step time of each round. */
export function stepTimes(rounds: readonly Measurement[]): number[] {
  return rounds.map(({ medianStepMs }) => medianStepMs);
}

function medianOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
