import { createRandom, sampleBeta } from '@bag-of-tricks/mixup';
import type { Best, EpochTotals } from './checkpoint/state.ts';
import type { TrainConfig } from './config/schema.ts';
import { deriveSeed, purpose } from './data/seed.ts';

/** Where a run stands between two steps. */
export interface Position {
  /** Epoch that the next step belongs to. */
  readonly epoch: number;
  /** Steps of that epoch already taken. */
  readonly stepInEpoch: number;
  readonly totals: EpochTotals;
  readonly best: Best | null;
}

/** Totals of an epoch that has not begun. */
export const noTotals: EpochTotals = { steps: 0, lossSum: 0, top1Sum: 0, seconds: 0 };

/** Where a new run stands. */
export const beginning: Position = { epoch: 0, stepInEpoch: 0, totals: noTotals, best: null };

/** The totals with one more step. */
export function addStep(
  totals: EpochTotals,
  {
    loss,
    top1,
    seconds,
  }: { readonly loss: number; readonly top1: number; readonly seconds: number },
): EpochTotals {
  return {
    steps: totals.steps + 1,
    lossSum: totals.lossSum + loss,
    top1Sum: totals.top1Sum + top1,
    seconds: totals.seconds + seconds,
  };
}

/** Mixup's weight of a step: from Beta(alpha, alpha), drawn from (seed, epoch, step); 1 where mixup is off. */
export function drawLambda(
  { mixup, seed, epochs }: Pick<TrainConfig, 'mixup' | 'seed' | 'epochs'>,
  epoch: number,
  stepInEpoch: number,
): number {
  if (!mixup || epoch >= epochs - mixup.lastEpochsOff) return 1;
  const random = createRandom(deriveSeed(seed, epoch, purpose.mixup, stepInEpoch));
  return sampleBeta(mixup.alpha, mixup.alpha, random);
}
