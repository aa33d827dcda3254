import { type LossScaleRule, type LossScaleState, type LossScaleVariables } from '@bag-of-tricks/amp';
import * as tf from '@tensorflow/tfjs-core';
import type { Precision } from './precision.ts';
/** The loss scale of a run: its state in variables, and the rule that moves it. */
export interface LossScaling {
    readonly state: LossScaleVariables;
    readonly rule: LossScaleRule;
    /** The scale that no skipped step lowers further. */
    readonly lowest: number;
}
/** Begin with the scale of the configuration, or go on with that of a checkpoint; null where the precision needs none. */
export declare function openLossScaling(precision: Precision | null, saved: LossScaleState | null): LossScaling | null;
/** What a step of a training does. */
export interface Descent {
    readonly loss: () => tf.Scalar;
    readonly parameters: tf.Variable[];
    readonly update: (gradients: tf.NamedTensorMap) => void;
}
/** The loss and, where it is scaled, whether the step was taken and the state of the scale after it. */
export type DescentResult = {
    readonly loss: tf.Scalar;
    /** False where a gradient overflowed. */
    readonly finite?: tf.Scalar;
    readonly scale?: tf.Scalar;
    readonly goodSteps?: tf.Scalar;
    readonly skippedSteps?: tf.Scalar;
};
/** Differentiate and update; with loss scaling, a step whose gradients overflow changes nothing but the scale. */
export declare function descend(descent: Descent, scaling: LossScaling | null): DescentResult;
/** The state of the scale among the numbers of a step, if there is one. */
export declare function lossScaleAfter({ scale, goodSteps, skippedSteps, }: Partial<LossScaleState>): LossScaleState | null;
//# sourceMappingURL=loss-scaling.d.ts.map