import { constants } from 'node:os';

/**
 * Turn the first Ctrl-C (or SIGTERM) into an abort signal, so that the run can finish its step and save (`what` it says it
 * does); a second one ends the process at once. `exitCode()` is the shell's code for the signal that came: 130 for SIGINT, 143 for SIGTERM.
 */
export function stopOnSignals(
  print: (line: string) => void,
  what = 'finishing this step and saving',
): {
  readonly signal: AbortSignal;
  readonly exitCode: () => number;
} {
  const controller = new AbortController();
  let code = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      code = 128 + constants.signals[name];
      if (controller.signal.aborted) process.exit(code);
      print(`${name}: ${what}; once more to stop at once`);
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => code };
}
