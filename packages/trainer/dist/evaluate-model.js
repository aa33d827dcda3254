import { evalBatches } from "./data/batches.js";
import { DivergenceError } from "./step/check-finite.js";
/**
 * Score a model on a dataset's evaluation images.
 *
 * @throws DivergenceError when the loss is not finite: the accuracy of NaN logits would mean nothing.
 */
export async function evaluateModel(scorer, dataset, { batchSize, signal, onBatchEnd }) {
    const started = performance.now();
    const [height, width, channels] = dataset.imageShape;
    const sums = { lossSum: 0, top1Count: 0, top5Count: 0 };
    const { size: samples } = dataset.eval;
    let done = 0;
    for (const batch of evalBatches(dataset.eval, {
        pixelsPerImage: height * width * channels,
        batchSize,
    })) {
        const scores = await scorer.evaluate(batch);
        sums.lossSum += scores.lossSum;
        sums.top1Count += scores.top1Count;
        sums.top5Count += scores.top5Count;
        done += batch.size;
        onBatchEnd?.({ done, total: samples });
        if (signal?.aborted)
            return null;
    }
    if (!Number.isFinite(sums.lossSum)) {
        throw new DivergenceError(`evaluate: expected a finite loss, got ${sums.lossSum}: weights or running statistics are not finite, or too large. Use an earlier checkpoint, or train with a lower learning rate (--lr-base)`);
    }
    return {
        loss: sums.lossSum / samples,
        top1: (100 * sums.top1Count) / samples,
        top5: (100 * sums.top5Count) / samples,
        samples,
        seconds: (performance.now() - started) / 1000,
    };
}
//# sourceMappingURL=evaluate-model.js.map