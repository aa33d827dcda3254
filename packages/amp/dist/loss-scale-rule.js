/** The rule with its defaults filled in; throws when an option is out of range. */
export function resolveRule(caller, { growthInterval = 2000, growthFactor = 2, backoffFactor = 0.5, min = 1, max = 2 ** 24, }) {
    if (!(Number.isInteger(growthInterval) && growthInterval >= 1)) {
        throw new RangeError(`${caller}: expected growthInterval to be an integer >= 1, got ${growthInterval}. It counts steps.`);
    }
    if (!(Number.isFinite(growthFactor) && growthFactor >= 1)) {
        throw new RangeError(`${caller}: expected growthFactor to be finite and >= 1, got ${growthFactor}. 1 keeps the scale from growing.`);
    }
    if (!(backoffFactor > 0 && backoffFactor <= 1)) {
        throw new RangeError(`${caller}: expected 0 < backoffFactor <= 1, got ${backoffFactor}. 0.5 halves the scale.`);
    }
    if (!(min > 0 && min <= max && Number.isFinite(max))) {
        throw new RangeError(`${caller}: expected finite bounds 0 < min <= max, got min ${min} and max ${max}. Swap or widen them.`);
    }
    return { growthInterval, growthFactor, backoffFactor, min, max };
}
//# sourceMappingURL=loss-scale-rule.js.map