import { makeLossScale } from "./loss-scale.js";
import { resolveRule } from "./loss-scale-rule.js";
import { checkLossScaleState } from "./loss-scale-state.js";
import { nextLossScale } from "./next-loss-scale.js";
/**
 * A loss scale that finds its own size, as in He et al. 2019, section 3.2, after Micikevicius et al. 2018.
 *
 * ```
 * not finite:             scale := max(scale * backoffFactor, min), skip the step
 * growthInterval finite:  scale := min(scale * growthFactor, max)
 * ```
 *
 * Defaults: init 2 ** 15, growthInterval 2000 steps, growthFactor 2, backoffFactor 0.5, min 1, max 2 ** 24.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { allFinite, dynamicLossScale } from '@bag-of-tricks/amp';
 *
 * const lossScale = dynamicLossScale();
 * const weight = tf.variable(tf.scalar(3));
 * const { grads } = tf.variableGrads(() => lossScale.scale(weight.square().asScalar()), [weight]);
 * const finite = (await allFinite(grads).data())[0] === 1;
 * if (finite) lossScale.unscale(grads)[weight.name]?.print(); // 6: hand these to the optimiser
 * lossScale.update(finite);
 * ```
 *
 * Where implementations differ: PyTorch's GradScaler starts at 2 ** 16 and has no bounds; given its start, the sequence of
 * scales is the same until a bound is reached.
 *
 * @throws RangeError for an option out of range.
 */
export function dynamicLossScale({ init = 2 ** 15, ...rule } = {}) {
    const bounds = resolveRule('dynamicLossScale', rule);
    const initial = { scale: init, goodSteps: 0, skippedSteps: 0 };
    if (!(init >= bounds.min && init <= bounds.max)) {
        throw new RangeError(`dynamicLossScale: expected init from min ${bounds.min} to max ${bounds.max}, got ${init}. Move it or the bounds.`);
    }
    return makeLossScale(initial, (state, finite) => nextLossScale(state, finite, rule), (state) => checkLossScaleState('restore', state, bounds));
}
//# sourceMappingURL=dynamic-loss-scale.js.map