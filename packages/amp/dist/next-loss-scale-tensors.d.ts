import * as tf from '@tensorflow/tfjs-core';
import { type LossScaleRule } from './loss-scale-rule.ts';
/** A `LossScaleState` as float32 scalar tensors, for a step that is compiled with its state. */
export interface LossScaleTensors {
    readonly scale: tf.Scalar;
    readonly goodSteps: tf.Scalar;
    readonly skippedSteps: tf.Scalar;
}
/**
 * `nextLossScale` on scalar tensors (He et al. 2019, section 3.2), for a step that keeps the scale in variables and is compiled as a whole.
 *
 * ```
 * scale := finite ? (goodSteps + 1 >= growthInterval ? min(scale * growthFactor, max) : scale)
 *                 : max(scale * backoffFactor, min)
 * ```
 *
 * `state` holds float32 scalars, `finite` is a bool scalar such as `allFinite` returns. Nothing is read; the inputs are
 * left alone and the three results belong to the caller. Counts are exact up to 2 ** 24.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { nextLossScaleTensors } from '@bag-of-tricks/amp';
 *
 * const state = { scale: tf.scalar(1024), goodSteps: tf.scalar(7), skippedSteps: tf.scalar(0) };
 * nextLossScaleTensors(state, tf.scalar(false, 'bool')).scale.print(); // 512
 * ```
 *
 * Where implementations differ: as `nextLossScale`.
 *
 * @throws RangeError for an option out of range.
 */
export declare function nextLossScaleTensors({ scale, goodSteps, skippedSteps }: LossScaleTensors, finite: tf.Scalar, rule?: LossScaleRule): LossScaleTensors;
//# sourceMappingURL=next-loss-scale-tensors.d.ts.map