/** Options of dynamic loss scaling. */
export interface LossScaleRule {
    /** Finite steps in a row after which the scale grows, an integer >= 1. Default 2000. */
    readonly growthInterval?: number;
    /** Factor of growth, >= 1. Default 2. */
    readonly growthFactor?: number;
    /** Factor after a step that was not finite, 0 < backoffFactor <= 1. Default 0.5. */
    readonly backoffFactor?: number;
    /** The scale never falls below this, > 0. Default 1. */
    readonly min?: number;
    /** The scale never rises above this, >= min. Default 2 ** 24. */
    readonly max?: number;
}
/** The rule with its defaults filled in; throws when an option is out of range. */
export declare function resolveRule(caller: string, { growthInterval, growthFactor, backoffFactor, min, max, }: LossScaleRule): Required<LossScaleRule>;
//# sourceMappingURL=loss-scale-rule.d.ts.map