import { resolveRule } from "./loss-scale-rule.js";
import { checkLossScaleState } from "./loss-scale-state.js";
/**
 * The rule of dynamic loss scaling, as in He et al. 2019, section 3.2, after Micikevicius et al. 2018, section 3.2.
 *
 * ```
 * not finite:                        scale := max(scale * backoffFactor, min), goodSteps := 0, the step is skipped
 * finite, growthInterval-th in turn: scale := min(scale * growthFactor, max),  goodSteps := 0
 * finite otherwise:                  goodSteps := goodSteps + 1
 * ```
 *
 * A pure function of numbers: the state in, the next state out. `finite` says whether all gradients of the step were
 * finite. Options and defaults as in `LossScaleRule`. `nextLossScaleTensors` is the same on scalar tensors.
 *
 * @example
 * ```ts
 * import { nextLossScale } from '@bag-of-tricks/amp';
 *
 * nextLossScale({ scale: 1024, goodSteps: 7, skippedSteps: 0 }, false); // { scale: 512, goodSteps: 0, skippedSteps: 1 }
 * ```
 *
 * Where implementations differ: PyTorch's GradScaler has no bounds; while `min` and `max` are not reached the two agree.
 *
 * @throws RangeError for an option or a state out of range.
 */
export function nextLossScale(state, finite, rule = {}) {
    const resolved = resolveRule('nextLossScale', rule);
    const { growthInterval, growthFactor, backoffFactor, min, max } = resolved;
    checkLossScaleState('nextLossScale', state, resolved);
    const { scale, goodSteps, skippedSteps } = state;
    if (!finite) {
        return {
            scale: Math.max(scale * backoffFactor, min),
            goodSteps: 0,
            skippedSteps: skippedSteps + 1,
        };
    }
    if (goodSteps + 1 < growthInterval)
        return { scale, goodSteps: goodSteps + 1, skippedSteps };
    return { scale: Math.min(scale * growthFactor, max), goodSteps: 0, skippedSteps };
}
//# sourceMappingURL=next-loss-scale.js.map