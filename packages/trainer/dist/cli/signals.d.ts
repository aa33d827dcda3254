/**
 * Turn the first Ctrl-C (or SIGTERM) into an abort signal, so that the run can finish its step and save; a second one ends the
 * process at once. `exitCode()` is the shell's code for the signal that came: 130 for SIGINT, 143 for SIGTERM.
 */
export declare function stopOnSignals(print: (line: string) => void): {
    readonly signal: AbortSignal;
    readonly exitCode: () => number;
};
//# sourceMappingURL=signals.d.ts.map