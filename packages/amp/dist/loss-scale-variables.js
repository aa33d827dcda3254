import * as tf from '@tensorflow/tfjs-core';
import { checkLossScaleState } from "./loss-scale-state.js";
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
export function lossScaleVariables({ scale = 2 ** 15, goodSteps = 0, skippedSteps = 0, } = {}) {
    checkLossScaleState('lossScaleVariables', { scale, goodSteps, skippedSteps }, { min: Number.MIN_VALUE, max: Number.MAX_VALUE });
    const variable = (value) => tf.tidy(() => tf.variable(tf.scalar(value), false));
    return {
        scale: variable(scale),
        goodSteps: variable(goodSteps),
        skippedSteps: variable(skippedSteps),
    };
}
//# sourceMappingURL=loss-scale-variables.js.map