import { growth, type Measure, measures, type Sample } from './samples.ts';

/** What each measure may grow a round; time is compared with its median over the soak instead. */
export type Limits = Readonly<Record<Exclude<Measure, 'time'>, number>>;

/** What grows so little is no leak: what the heap and the allocator do. */
export const limits: Limits = {
  memory: 0.02,
  handles: 0,
  mappings: 0.02,
  descriptors: 0,
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

/** How each measure grew after the first third. A round must not have become half as slow again by the end. */
export function judge(samples: readonly Sample[], allowed: Limits): Growth[] {
  const rounds = samples.at(-1)!.round;
  return measures.map((measure) => {
    const perRound = growth(samples, measure);
    const limit = measure === 'time' ? (0.5 * median(samples, 'time')) / rounds : allowed[measure];
    return { measure, perRound, tooMuch: perRound > limit };
  });
}
