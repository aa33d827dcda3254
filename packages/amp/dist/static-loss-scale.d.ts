import { type LossScale } from './loss-scale.ts';
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
export declare function staticLossScale(value: number): LossScale;
//# sourceMappingURL=static-loss-scale.d.ts.map