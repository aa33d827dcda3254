import type { Dataset } from './data/dataset.ts';
import type { Evaluation } from './log/hooks.ts';
import type { Scorer } from './step/runner.ts';
/** Options of `evaluateModel`. */
export interface EvaluateModelOptions {
    readonly batchSize: number;
    /** When aborted, the evaluation stops and answers null. */
    readonly signal?: AbortSignal;
    readonly onBatchEnd?: (log: {
        readonly done: number;
        readonly total: number;
    }) => void;
}
/**
 * Score a model on a dataset's evaluation images.
 *
 * @throws DivergenceError when the loss is not finite: the accuracy of NaN logits would mean nothing.
 */
export declare function evaluateModel(scorer: Scorer, dataset: Dataset, { batchSize, signal, onBatchEnd }: EvaluateModelOptions): Promise<Evaluation | null>;
//# sourceMappingURL=evaluate-model.d.ts.map