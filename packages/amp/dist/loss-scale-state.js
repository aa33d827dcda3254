/** Throws unless the scale lies in [min, max] and both counts are integers >= 0. */
export function checkLossScaleState(caller, { scale, goodSteps, skippedSteps }, { min, max }) {
    if (!(scale >= min && scale <= max)) {
        throw new RangeError(`${caller}: expected a scale from ${min} to ${max}, got ${scale}. Was the state saved with other options?`);
    }
    for (const [name, count] of Object.entries({ goodSteps, skippedSteps })) {
        if (!(Number.isInteger(count) && count >= 0)) {
            throw new RangeError(`${caller}: expected ${name} to be an integer >= 0, got ${count}. Pass what state() returned.`);
        }
    }
}
//# sourceMappingURL=loss-scale-state.js.map