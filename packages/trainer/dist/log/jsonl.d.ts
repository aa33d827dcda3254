import type { TrainHooks } from './hooks.ts';
/** Writes `metrics.jsonl`, an object a step; lines of steps that a resumed run takes again are dropped first. */
export declare function jsonlLog(path: string, { firstStep }: {
    readonly firstStep: number;
}): TrainHooks;
//# sourceMappingURL=jsonl.d.ts.map