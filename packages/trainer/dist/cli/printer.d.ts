import type { TrainHooks } from '../log/hooks.ts';
/** Prints lines on the terminal and, once the run folder is known, keeps them in its `train.log`. */
export declare function createPrinter(): {
    readonly print: (line: string) => void;
    readonly hooks: TrainHooks;
    readonly close: () => void;
};
//# sourceMappingURL=printer.d.ts.map