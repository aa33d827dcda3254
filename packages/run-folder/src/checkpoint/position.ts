import type { Best, EpochTotals } from './state.ts';

/** Where a run stands between two steps. */
export interface Position {
  /** Epoch that the next step belongs to. */
  readonly epoch: number;
  /** Steps of that epoch already taken. */
  readonly stepInEpoch: number;
  readonly totals: EpochTotals;
  readonly best: Best | null;
  /** The weights that scored best in the last evaluation: a trick's, by name, or null for the network's own. */
  readonly weights: string | null;
}

const noTotals: EpochTotals = {
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
  weights: null,
};

/** What one step adds to the totals of its epoch. */
export interface StepTotals {
  readonly loss: number;
  readonly top1: number;
  readonly skipped: boolean;
  readonly seconds: number;
  readonly dataSeconds: number;
}

/** The position after one more step; a skipped one takes time, but its scores may be NaN. */
export function afterStep(position: Position, step: StepTotals): Position {
  const { totals } = position;
  return {
    ...position,
    stepInEpoch: position.stepInEpoch + 1,
    totals: {
      steps: totals.steps + 1,
      lossSum: totals.lossSum + (step.skipped ? 0 : step.loss),
      top1Sum: totals.top1Sum + (step.skipped ? 0 : step.top1),
      skipped: totals.skipped + (step.skipped ? 1 : 0),
      seconds: totals.seconds + step.seconds,
      dataSeconds: totals.dataSeconds + step.dataSeconds,
    },
  };
}

/** The beginning of the next epoch. */
export function nextEpoch({ epoch, best, weights }: Position): Position {
  return { ...beginning, epoch: epoch + 1, best, weights };
}

/** Mean loss, and share of hits in [0, 1], over the steps that were taken; NaN where none was. */
export function meansOf({ steps, skipped, lossSum, top1Sum }: EpochTotals): {
  readonly loss: number;
  readonly top1: number;
} {
  return { loss: lossSum / (steps - skipped), top1: top1Sum / (steps - skipped) };
}
