import { createRandom, sampleBeta } from '@bag-of-tricks/mixup';
import { deriveSeed, purpose } from "./data/seed.js";
/** Totals of an epoch that has not begun. */
export const noTotals = {
    steps: 0,
    lossSum: 0,
    top1Sum: 0,
    skipped: 0,
    seconds: 0,
};
/** Where a new run stands. */
export const beginning = {
    epoch: 0,
    stepInEpoch: 0,
    totals: noTotals,
    best: null,
    lossScale: null,
};
/** The totals with one more step; one that was skipped takes time, but its scores may be no numbers. */
export function addStep(totals, { loss, top1, skipped, seconds, }) {
    return {
        steps: totals.steps + 1,
        lossSum: totals.lossSum + (skipped ? 0 : loss),
        top1Sum: totals.top1Sum + (skipped ? 0 : top1),
        skipped: totals.skipped + (skipped ? 1 : 0),
        seconds: totals.seconds + seconds,
    };
}
/** Mean loss, and share of hits in [0, 1], over the steps that were taken; NaN where none was. */
export function meansOf({ steps, skipped, lossSum, top1Sum }) {
    return { loss: lossSum / (steps - skipped), top1: top1Sum / (steps - skipped) };
}
/** Mixup's weight of a step: from Beta(alpha, alpha), drawn from (seed, epoch, step); 1 where mixup is off. */
export function drawLambda({ mixup, seed, epochs }, epoch, stepInEpoch) {
    if (!mixup || epoch >= epochs - mixup.lastEpochsOff)
        return 1;
    const random = createRandom(deriveSeed(seed, epoch, purpose.mixup, stepInEpoch));
    return sampleBeta(mixup.alpha, mixup.alpha, random);
}
//# sourceMappingURL=progress.js.map