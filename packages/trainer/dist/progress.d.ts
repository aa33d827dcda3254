import type { LossScaleState } from '@bag-of-tricks/amp';
import type { Best, EpochTotals } from './checkpoint/state.ts';
import type { TrainConfig } from './config/schema.ts';
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
export declare const noTotals: EpochTotals;
/** Where a new run stands. */
export declare const beginning: Position;
/** The totals with one more step; one that was skipped takes time, but its scores may be no numbers. */
export declare function addStep(totals: EpochTotals, { loss, top1, skipped, seconds, }: {
    readonly loss: number;
    readonly top1: number;
    readonly skipped: boolean;
    readonly seconds: number;
}): EpochTotals;
/** Mean loss, and share of hits in [0, 1], over the steps that were taken; NaN where none was. */
export declare function meansOf({ steps, skipped, lossSum, top1Sum }: EpochTotals): {
    readonly loss: number;
    readonly top1: number;
};
/** Mixup's weight of a step: from Beta(alpha, alpha), drawn from (seed, epoch, step); 1 where mixup is off. */
export declare function drawLambda({ mixup, seed, epochs }: Pick<TrainConfig, 'mixup' | 'seed' | 'epochs'>, epoch: number, stepInEpoch: number): number;
//# sourceMappingURL=progress.d.ts.map