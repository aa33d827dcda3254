import { growth, type Measure, measures, type Sample } from './samples.ts';

/**
 * What each measure may grow a round; time over the whole soak, in medians of a round: at 0.5 a round at the end takes 1.7 times one at
 * the beginning, at 1 three times.
 */
export type Limits = Readonly<Record<Measure, number>>;

/** What grows so little is no leak: what the heap and the allocator do. */
export const limits: Limits = {
  memory: 0.02,
  handles: 0,
  mappings: 0.02,
  descriptors: 0,
  time: 0.5,
};

/** A measure that grew, and by how much a round. */
export interface Growth {
  readonly measure: Measure;
  readonly perRound: number;
  readonly tooMuch: boolean;
}

/** Median of a measure over all samples. */
export function median(samples: readonly Sample[], measure: Measure): number {
  const sorted = samples.map((sample) => sample[measure]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** How each measure grew after the first third. */
export function judge(samples: readonly Sample[], allowed: Limits): Growth[] {
  const rounds = samples.at(-1)!.round;
  return measures.map((measure) => {
    const perRound = growth(samples, measure);
    const unit = measure === 'time' ? median(samples, 'time') / rounds : 1;
    const limit = allowed[measure] * unit;
    return { measure, perRound, tooMuch: perRound > limit };
  });
}
