import type * as tf from '@tensorflow/tfjs-core';
import type { LossScaleState } from './loss-scale-state.ts';
/** What both kinds of loss scale offer to a training loop. */
export interface LossScale {
    /** The scale now. */
    readonly value: number;
    /** Steps skipped so far because a gradient was Inf or NaN. */
    readonly skippedSteps: number;
    /** loss * value; the result belongs to the caller. */
    scale<T extends tf.Tensor>(loss: T): T;
    /** gradients / value under the same names; the results belong to the caller. Call it before `update`. */
    unscale<Gradients extends tf.NamedTensorMap>(gradients: Gradients): {
        [Name in keyof Gradients]: tf.Tensor;
    };
    /** Once a step: were all gradients finite? If not, the caller must skip the optimiser. */
    update(finite: boolean): void;
    /** Plain numbers for a checkpoint. */
    state(): LossScaleState;
    /** Continues from what `state()` returned. */
    restore(state: LossScaleState): void;
}
/** A loss scale from its state, its rule and a check of states that come from outside. */
export declare function makeLossScale(initial: LossScaleState, next: (state: LossScaleState, finite: boolean) => LossScaleState, check: (state: LossScaleState) => void): LossScale;
//# sourceMappingURL=loss-scale.d.ts.map