import * as tf from '@tensorflow/tfjs-core';
import { type LossScaleState } from './loss-scale-state.ts';
import type { LossScaleTensors } from './next-loss-scale-tensors.ts';
/** A loss scale and its counts as float32 variables that are not trained: state of a compiled step, and of its checkpoint. */
export interface LossScaleVariables extends LossScaleTensors {
    readonly scale: tf.Variable<tf.Rank.R0>;
    readonly goodSteps: tf.Variable<tf.Rank.R0>;
    readonly skippedSteps: tf.Variable<tf.Rank.R0>;
}
/**
 * The state of loss scaling as variables, for `scaledStep` (He et al. 2019, section 3.2).
 *
 * ```
 * scale = 2 ** 15, goodSteps = 0, skippedSteps = 0
 * ```
 *
 * `state` is where to begin, such as what a checkpoint holds. The three variables belong to the caller.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { lossScaleVariables } from '@bag-of-tricks/amp';
 *
 * lossScaleVariables({ scale: 1024 }).scale.print(); // 1024
 * ```
 *
 * Where implementations differ: as `dynamicLossScale`.
 *
 * @throws RangeError for a scale that is not finite and positive, or counts that are no integers >= 0.
 */
export declare function lossScaleVariables({ scale, goodSteps, skippedSteps, }?: Partial<LossScaleState>): LossScaleVariables;
//# sourceMappingURL=loss-scale-variables.d.ts.map