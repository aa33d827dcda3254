import type { LossScaleState } from '@bag-of-tricks/amp';
import { sampleBeta } from '@bag-of-tricks/mixup';
import { seededRandom } from '@bag-of-tricks/random';
import type { Best, EpochTotals } from './checkpoint/state.ts';
import type { TrainConfig } from './config/schema.ts';
import { purpose } from './data/seed.ts';

/** Where a run stands between two steps. */
export interface Position {
  /** Epoch that the next step belongs to. */
  readonly epoch: number;
  /** Steps of that epoch already taken. */
  readonly stepInEpoch: number;
  readonly totals: EpochTotals;
  readonly best: Best | null;
  /** Null before the first step, and where the loss is not scaled. */
  readonly lossScale: LossScaleState | null;
}

/** Totals of an epoch that has not begun. */
export const noTotals: EpochTotals = {
  steps: 0,
  lossSum: 0,
  top1Sum: 0,
  skipped: 0,
  seconds: 0,
  dataSeconds: 0,
};

/** Where a new run stands. */
export const beginning: Position = {
  epoch: 0,
  stepInEpoch: 0,
  totals: noTotals,
  best: null,
  lossScale: null,
};

/** The totals with one more step; one that was skipped takes time, but its scores may be no numbers. */
export function addStep(
  totals: EpochTotals,
  {
    loss,
    top1,
    skipped,
    seconds,
    dataSeconds,
  }: {
    readonly loss: number;
    readonly top1: number;
    readonly skipped: boolean;
    readonly seconds: number;
    readonly dataSeconds: number;
  },
): EpochTotals {
  return {
    steps: totals.steps + 1,
    lossSum: totals.lossSum + (skipped ? 0 : loss),
    top1Sum: totals.top1Sum + (skipped ? 0 : top1),
    skipped: totals.skipped + (skipped ? 1 : 0),
    seconds: totals.seconds + seconds,
    dataSeconds: totals.dataSeconds + dataSeconds,
  };
}

/** Mean loss, and share of hits in [0, 1], over the steps that were taken; NaN where none was. */
export function meansOf({ steps, skipped, lossSum, top1Sum }: EpochTotals): {
  readonly loss: number;
  readonly top1: number;
} {
  return { loss: lossSum / (steps - skipped), top1: top1Sum / (steps - skipped) };
}

/** Mixup's weight of a step: from Beta(alpha, alpha), drawn from (seed, epoch, step); 1 where mixup is off. */
export function drawLambda(
  { mixup, seed, epochs }: Pick<TrainConfig, 'mixup' | 'seed' | 'epochs'>,
  epoch: number,
  stepInEpoch: number,
): number {
  if (!mixup || epoch >= epochs - mixup.lastEpochsOff) return 1;
  const random = seededRandom(seed, epoch, purpose.mixup, stepInEpoch);
  return sampleBeta(mixup.alpha, mixup.alpha, random);
}
