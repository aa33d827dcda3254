import type { Environment } from '../run/environment.ts';
import type { TrainHooks } from './hooks.ts';
/**
 * Lines in timm's format, which people grep: the current value and, in brackets, the mean.
 * A line every `logInterval` steps, at the first and at the last of an epoch.
 */
export declare function consoleLog(print: (line: string) => void, { logInterval }: {
    readonly logInterval: number;
}): TrainHooks;
/** What a run in mixed precision says of it, with a warning where it is slow. */
export declare function formatPrecision({ dtype, native }: Environment['precision'], lossScale?: 'dynamic' | number | null): string[];
/** Accuracy and, in brackets, error, both in percent. */
export declare function formatAccuracy({ top1, top5, }: {
    readonly top1: number;
    readonly top5: number;
}): string;
//# sourceMappingURL=console.d.ts.map