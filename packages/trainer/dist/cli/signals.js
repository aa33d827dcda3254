import { constants } from 'node:os';
/**
 * Turn the first Ctrl-C (or SIGTERM) into an abort signal, so that the run can finish its step and save; a second one ends the
 * process at once. `exitCode()` is the shell's code for the signal that came: 130 for SIGINT, 143 for SIGTERM.
 */
export function stopOnSignals(print) {
    const controller = new AbortController();
    let code = 0;
    for (const name of ['SIGINT', 'SIGTERM']) {
        process.on(name, () => {
            code = 128 + constants.signals[name];
            if (controller.signal.aborted)
                process.exit(code);
            print(`${name}: finishing this step and saving; once more to stop at once`);
            controller.abort();
        });
    }
    return { signal: controller.signal, exitCode: () => code };
}
//# sourceMappingURL=signals.js.map