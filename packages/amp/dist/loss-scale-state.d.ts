/** Where a loss scale stands: plain numbers, so that it can be written to a checkpoint. */
export interface LossScaleState {
    /** What the loss is multiplied by, > 0. */
    readonly scale: number;
    /** Finite steps since the scale last changed. */
    readonly goodSteps: number;
    /** Steps skipped so far because a gradient was Inf or NaN. */
    readonly skippedSteps: number;
}
/** Throws unless the scale lies in [min, max] and both counts are integers >= 0. */
export declare function checkLossScaleState(caller: string, { scale, goodSteps, skippedSteps }: LossScaleState, { min, max }: {
    readonly min: number;
    readonly max: number;
}): void;
//# sourceMappingURL=loss-scale-state.d.ts.map