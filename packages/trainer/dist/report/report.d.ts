import type { TrainHooks } from '../log/hooks.ts';
/** Columns of numbers, as uPlot takes them; a missing value is null. */
export type Columns = (number | null)[][];
/** The curves of a run: per step `step, loss, learning rate, loss scale, skipped steps`; per epoch `epoch, train and evaluation accuracy`. */
export interface Curves {
    readonly steps: Columns;
    readonly epochs: Columns;
}
/** Read the curves back from a run folder's `metrics.jsonl` and `summary.csv`. */
export declare function readCurves(runFolder: string): Curves;
/** Keeps `report.html` in the run folder: its curves, configuration and machine on one page that needs nothing else. */
export declare function reportLog(runFolder: string): TrainHooks;
//# sourceMappingURL=report.d.ts.map