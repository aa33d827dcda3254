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
export function resolveRule(
  caller: string,
  {
    growthInterval = 2000,
    growthFactor = 2,
    backoffFactor = 0.5,
    min = 1,
    max = 2 ** 24,
  }: LossScaleRule,
): Required<LossScaleRule> {
  if (!(Number.isInteger(growthInterval) && growthInterval >= 1)) {
    throw new RangeError(
      `${caller}: expected growthInterval to be an integer >= 1, got ${growthInterval}. It counts steps.`,
    );
  }
  if (!(Number.isFinite(growthFactor) && growthFactor >= 1)) {
    throw new RangeError(
      `${caller}: expected growthFactor to be finite and >= 1, got ${growthFactor}. 1 keeps the scale from growing.`,
    );
  }
  if (!(backoffFactor > 0 && backoffFactor <= 1)) {
    throw new RangeError(
      `${caller}: expected 0 < backoffFactor <= 1, got ${backoffFactor}. 0.5 halves the scale.`,
    );
  }
  if (!(min > 0 && min <= max && Number.isFinite(max))) {
    throw new RangeError(
      `${caller}: expected finite bounds 0 < min <= max, got min ${min} and max ${max}. Swap or widen them.`,
    );
  }
  return { growthInterval, growthFactor, backoffFactor, min, max };
}
