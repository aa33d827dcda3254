import type { TrainConfigInput } from './config/schema.ts';
import { type TrainHooks, type TrainResult } from './log/hooks.ts';
/** Options of `train` and `resumeTraining`. */
export interface TrainOptions {
    readonly hooks?: readonly TrainHooks[];
    /** When aborted, the run finishes its step, saves and returns with `finished: false`. */
    readonly signal?: AbortSignal;
    /** Called with a line of text during long preparations. */
    readonly onProgress?: (message: string) => void;
}
/**
 * Train a network by the recipe (He et al. 2019) and leave a run folder: `args.yaml`, `env.json`, `summary.csv`, `metrics.jsonl`, `report.html`
 * and `checkpoints/{last,best}`.
 *
 * @throws ConfigError when the configuration does not fit.
 * @throws DivergenceError when the loss or a weight is no longer finite; the last checkpoint stays.
 * @throws Error when data or a teacher is missing.
 */
export declare function train(input: TrainConfigInput, options?: TrainOptions): Promise<TrainResult>;
/**
 * Go on with an interrupted run, exactly as if it had not been interrupted.
 *
 * @throws Error when the folder holds no whole checkpoint.
 */
export declare function resumeTraining(runFolder: string, options?: TrainOptions): Promise<TrainResult>;
//# sourceMappingURL=train.d.ts.map