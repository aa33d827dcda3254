import { scaleLoss, unscaleGradients } from "./scale.js";
/** A loss scale from its state, its rule and a check of states that come from outside. */
export function makeLossScale(initial, next, check) {
    let current = initial;
    return {
        get value() {
            return current.scale;
        },
        get skippedSteps() {
            return current.skippedSteps;
        },
        scale: (loss) => scaleLoss(loss, current.scale),
        unscale: (gradients) => unscaleGradients(gradients, current.scale),
        update(finite) {
            // A tensor is truthy whatever it holds: scaling would never back off.
            if (typeof finite !== 'boolean') {
                throw new TypeError(`update: expected a boolean, got ${typeof finite}. Read the tensor first: (await allFinite(gradients).data())[0] === 1.`);
            }
            current = next(current, finite);
        },
        state: () => ({ ...current }),
        restore(state) {
            check(state);
            const { scale, goodSteps, skippedSteps } = state;
            current = { scale, goodSteps, skippedSteps };
        },
    };
}
//# sourceMappingURL=loss-scale.js.map