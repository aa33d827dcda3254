import type { TrainHooks } from './hooks.ts';
/** Writes `summary.csv`, a row an epoch; rows of epochs that a resumed run takes again are dropped first. */
export declare function csvLog(path: string, { firstEpoch }: {
    readonly firstEpoch: number;
}): TrainHooks;
//# sourceMappingURL=csv.d.ts.map