import { makeLossScale } from "./loss-scale.js";
import { checkLossScaleState } from "./loss-scale-state.js";
/**
 * A loss scale that stays what it is, as in Micikevicius et al. 2018, section 3.2; see He et al. 2019, section 3.2.
 *
 * ```
 * scale := value
 * ```
 *
 * `value` is finite and > 0; a power of two costs no precision. `update(false)` only counts the skipped step.
 *
 * @example
 * ```ts
 * import { staticLossScale } from '@bag-of-tricks/amp';
 *
 * const lossScale = staticLossScale(1024);
 * lossScale.update(false);
 * lossScale.value; // 1024
 * lossScale.skippedSteps; // 1
 * ```
 *
 * @throws RangeError for a value that is not finite and positive.
 */
export function staticLossScale(value) {
    if (!(Number.isFinite(value) && value > 0)) {
        throw new RangeError(`staticLossScale: expected value to be finite and > 0, got ${value}. 1024 is a common choice.`);
    }
    return makeLossScale({ scale: value, goodSteps: 0, skippedSteps: 0 }, (state, finite) => ({
        scale: value,
        goodSteps: finite ? state.goodSteps + 1 : 0,
        skippedSteps: state.skippedSteps + (finite ? 0 : 1),
    }), (state) => checkLossScaleState('restore', state, { min: value, max: value }));
}
//# sourceMappingURL=static-loss-scale.js.map