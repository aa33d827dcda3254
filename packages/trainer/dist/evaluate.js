import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import { openBackend } from "./backend.js";
import { loadModel, openCheckpoint } from "./checkpoint/load.js";
import { openDataset } from "./data/open.js";
import { evaluateModel } from "./evaluate-model.js";
import { compiledScorer } from "./step/compiled-runner.js";
import { eagerScorer } from "./step/eager-runner.js";
import { createEvalStep } from "./step/eval-step.js";
import { choosePrecision, inPrecision } from "./step/precision.js";
/**
 * Score a checkpoint on the evaluation images of the dataset that it was trained on.
 *
 * `path` is a run folder or a checkpoint folder. Accuracies are in percent.
 *
 * @throws Error when there is no checkpoint, it is damaged, or its weights are not finite.
 */
export async function evaluate(path, { link = 'best', batchSize, amp, onBatchEnd, onProgress = () => { } } = {}) {
    const checkpoint = await openCheckpoint(path, link);
    const { config } = checkpoint.state;
    await openBackend(onProgress);
    const chosen = amp === undefined ? config.amp : amp && { ...amp, lossScale: null };
    const precision = choosePrecision(chosen);
    const dataset = await openDataset(config, { cacheDirectory: cacheRoot(), onProgress });
    const model = await loadModel(checkpoint);
    const { classNames, imageShape } = dataset;
    const evalStep = createEvalStep({ model, pixels: dataset, numClasses: classNames.length });
    const parts = { evalStep: inPrecision(precision, evalStep), imageShape };
    const scorer = config.compile ? await compiledScorer(parts) : eagerScorer(parts);
    try {
        const evaluation = await evaluateModel(scorer, dataset, {
            batchSize: batchSize ?? config.evalBatchSize,
            ...(onBatchEnd && { onBatchEnd }),
        });
        return { ...evaluation, model: config.model, checkpoint: checkpoint.folder, precision };
    }
    finally {
        await scorer.dispose();
        model.dispose();
    }
}
//# sourceMappingURL=evaluate.js.map