import { allFinite } from '@bag-of-tricks/amp';
/** A loss or a weight is NaN or infinite: training has diverged. */
export class DivergenceError extends Error {
    name = 'DivergenceError';
}
const remedy = 'Lower the learning rate (--lr-base) or lengthen the warmup (--warmup-epochs), then start again or go on from the last checkpoint with --resume';
/** Steps in a row that may be skipped at the lowest loss scale before that counts as divergence. */
export const patience = 20;
/**
 * Checks the steps of a run one after the other. A skipped step may have any loss: the scale falls, and the next one is better.
 *
 * @throws DivergenceError when the loss of a step that was taken is NaN or infinite, or when steps are still skipped although
 * the scale can fall no further.
 */
export function stepCheck(scaling) {
    let skippedInARow = 0;
    return ({ step, learningRate, loss, skipped, scale }) => {
        if (!skipped && !Number.isFinite(loss)) {
            throw new DivergenceError(`step ${step}: expected a finite loss, got ${loss} at learning rate ${learningRate}. ${remedy}`);
        }
        const isLowest = scaling !== null && scale !== null && scale <= scaling.lowest;
        skippedInARow = skipped && isLowest ? skippedInARow + 1 : 0;
        if (skippedInARow < patience)
            return;
        throw new DivergenceError(`step ${step}: expected finite gradients at the lowest loss scale, ${scale}, but ${patience} steps in a row were skipped there, at learning rate ${learningRate}. ${remedy}; or train with more range: --amp-dtype bfloat16, --no-amp, or --loss-scale dynamic in place of a number`);
    };
}
/** @throws DivergenceError when any weight or running statistic is NaN or infinite. */
export async function checkWeights(model, step) {
    const finite = allFinite({ ...model.parameters, ...model.buffers });
    const [allAreFinite] = await finite.data();
    finite.dispose();
    if (allAreFinite)
        return;
    throw new DivergenceError(`step ${step}: expected finite weights in ${model.name}, got NaN or infinity; nothing was saved. ${remedy}`);
}
//# sourceMappingURL=check-finite.js.map