import type { ResNet } from '@bag-of-tricks/resnet-variants';
import type { LossScaling } from './loss-scaling.ts';
/** A loss or a weight is NaN or infinite: training has diverged. */
export declare class DivergenceError extends Error {
    readonly name = "DivergenceError";
}
/** What is checked of each step. */
export interface CheckedStep {
    readonly step: number;
    readonly learningRate: number;
    readonly loss: number;
    /** The step was not taken, because a gradient overflowed. */
    readonly skipped: boolean;
    /** Loss scale after the step. */
    readonly scale: number | null;
}
/** Steps in a row that may be skipped at the lowest loss scale before that counts as divergence. */
export declare const patience = 20;
/**
 * Checks the steps of a run one after the other. A skipped step may have any loss: the scale falls, and the next one is better.
 *
 * @throws DivergenceError when the loss of a step that was taken is NaN or infinite, or when steps are still skipped although
 * the scale can fall no further.
 */
export declare function stepCheck(scaling: LossScaling | null): (step: CheckedStep) => void;
/** @throws DivergenceError when any weight or running statistic is NaN or infinite. */
export declare function checkWeights(model: ResNet, step: number): Promise<void>;
//# sourceMappingURL=check-finite.d.ts.map