import { z } from 'zod';
import type { TrainConfig } from '../config/schema.ts';
declare const totalsSchema: z.ZodObject<{
    steps: z.ZodInt;
    lossSum: z.ZodNumber;
    top1Sum: z.ZodNumber;
    skipped: z.ZodDefault<z.ZodInt>;
    seconds: z.ZodNumber;
}, z.core.$strict>;
/** Sums over the steps of an epoch so far. */
export type EpochTotals = z.output<typeof totalsSchema>;
declare const bestSchema: z.ZodObject<{
    top1: z.ZodNumber;
    epoch: z.ZodInt;
}, z.core.$strict>;
/** The best evaluation so far: accuracy in percent, and its epoch. */
export type Best = z.output<typeof bestSchema>;
declare const stateSchema: z.ZodObject<{
    formatVersion: z.ZodLiteral<1>;
    epoch: z.ZodInt;
    stepInEpoch: z.ZodInt;
    totals: z.ZodObject<{
        steps: z.ZodInt;
        lossSum: z.ZodNumber;
        top1Sum: z.ZodNumber;
        skipped: z.ZodDefault<z.ZodInt>;
        seconds: z.ZodNumber;
    }, z.core.$strict>;
    best: z.ZodNullable<z.ZodObject<{
        top1: z.ZodNumber;
        epoch: z.ZodInt;
    }, z.core.$strict>>;
    lossScale: z.ZodDefault<z.ZodNullable<z.ZodObject<{
        scale: z.ZodNumber;
        goodSteps: z.ZodInt;
        skippedSteps: z.ZodInt;
    }, z.core.$strict>>>;
    imageShape: z.ZodTuple<[z.ZodInt, z.ZodInt, z.ZodInt], null>;
    classNames: z.ZodArray<z.ZodString>;
    mean: z.ZodArray<z.ZodNumber>;
    std: z.ZodArray<z.ZodNumber>;
    config: z.ZodUnknown;
}, z.core.$strict>;
/** Everything of a run besides the tensors: enough to go on, to evaluate, and to serve as a teacher. */
export type CheckpointState = Omit<z.output<typeof stateSchema>, 'config'> & {
    readonly config: TrainConfig;
};
/** Read `state.json`; an unreadable or foreign one is an error that names the file. */
export declare function parseState(text: string, path: string): CheckpointState;
export {};
//# sourceMappingURL=state.d.ts.map