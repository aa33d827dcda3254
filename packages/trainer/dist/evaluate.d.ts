import type { TrainConfig } from './config/schema.ts';
import type { Evaluation } from './log/hooks.ts';
import { type Precision } from './step/precision.ts';
/** Options of `evaluate`. */
export interface EvaluateOptions {
    /** Which checkpoint of a run folder. Default `best`. */
    readonly link?: 'best' | 'last';
    /** Images a step. Default: the run's `evalBatchSize`. */
    readonly batchSize?: number;
    /** Precision to evaluate in; null is float32. Default: the one that the run was trained in. */
    readonly amp?: Pick<NonNullable<TrainConfig['amp']>, 'dtype'> | null;
    /** Called after each batch. */
    readonly onBatchEnd?: (log: {
        readonly done: number;
        readonly total: number;
    }) => void;
    /** Called with a line of text during long preparations. */
    readonly onProgress?: (message: string) => void;
}
/** Scores, and what was scored. */
export interface EvaluateResult extends Evaluation {
    readonly model: string;
    readonly checkpoint: string;
    /** Null for float32. */
    readonly precision: Precision | null;
}
/**
 * Score a checkpoint on the evaluation images of the dataset that it was trained on.
 *
 * `path` is a run folder or a checkpoint folder. Accuracies are in percent.
 *
 * @throws Error when there is no checkpoint, it is damaged, or its weights are not finite.
 */
export declare function evaluate(path: string, { link, batchSize, amp, onBatchEnd, onProgress }?: EvaluateOptions): Promise<EvaluateResult>;
//# sourceMappingURL=evaluate.d.ts.map