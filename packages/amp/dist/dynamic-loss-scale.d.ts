import { type LossScale } from './loss-scale.ts';
import { type LossScaleRule } from './loss-scale-rule.ts';
export interface DynamicLossScaleOptions extends LossScaleRule {
    /** First scale, from `min` to `max`. Default 2 ** 15. */
    readonly init?: number;
}
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
export declare function dynamicLossScale({ init, ...rule }?: DynamicLossScaleOptions): LossScale;
//# sourceMappingURL=dynamic-loss-scale.d.ts.map