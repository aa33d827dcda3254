import * as tf from '@tensorflow/tfjs-core';
import { resolveRule } from "./loss-scale-rule.js";
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
export function nextLossScaleTensors({ scale, goodSteps, skippedSteps }, finite, rule = {}) {
    const { growthInterval, growthFactor, backoffFactor, min, max } = resolveRule('nextLossScaleTensors', rule);
    return tf.tidy(() => {
        const counted = tf.add(goodSteps, 1);
        const grows = tf.greaterEqual(counted, growthInterval);
        const grown = tf.where(grows, tf.minimum(tf.mul(scale, growthFactor), max), scale);
        const backedOff = tf.maximum(tf.mul(scale, backoffFactor), min);
        return {
            scale: tf.where(finite, grown, backedOff),
            goodSteps: tf.where(tf.logicalAnd(finite, tf.logicalNot(grows)), counted, tf.zerosLike(counted)),
            skippedSteps: tf.add(skippedSteps, tf.cast(tf.logicalNot(finite), 'float32')),
        };
    });
}
//# sourceMappingURL=next-loss-scale-tensors.js.map