import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
/** The step of a line, or infinity for one that a kill cut off. */
function stepOf(line) {
    try {
        return JSON.parse(line).step;
    }
    catch {
        return Number.POSITIVE_INFINITY;
    }
}
/** Writes `metrics.jsonl`, an object a step; lines of steps that a resumed run takes again are dropped first. */
export function jsonlLog(path, { firstStep }) {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    const kept = lines.filter((line) => line !== '' && stepOf(line) <= firstStep);
    writeFileSync(path, kept.map((line) => `${line}\n`).join(''));
    return {
        onBatchEnd({ step, epoch, loss, top1, learningRate, lambda, lossScale, ...log }) {
            const { batchSize, seconds, dataSeconds } = log;
            const entry = {
                step,
                epoch,
                loss,
                top1,
                lr: learningRate,
                lambda,
                ...(lossScale && { lossScale: lossScale.scale, skippedSteps: lossScale.skippedSteps }),
                imgPerSec: Number((batchSize / seconds).toFixed(1)),
                dataMs: Number((dataSeconds * 1000).toFixed(2)),
            };
            appendFileSync(path, `${JSON.stringify(entry)}\n`);
        },
    };
}
//# sourceMappingURL=jsonl.js.map