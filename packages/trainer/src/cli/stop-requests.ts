import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import { endProcess } from '@bag-of-tricks/libtensorflow/native';
import { exitCodes } from '../errors.ts';

const signals = {
  SIGINT: exitCodes.interrupt,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hangup,
} as const;

/** npm passes on the Ctrl-C that the terminal has sent already: what comes this soon is the same request. */
const sameRequestMs = 500;

/** What writing says when the reader has gone, or the terminal. */
const isClosed = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || code === 'EIO';

const outputs = () => [process.stdout, process.stderr];

/** For commands that have nothing to save: output that nobody reads ends them, without a word. */
function leaveAtOnce(error: NodeJS.ErrnoException): void {
  process.exit(isClosed(error) ? exitCodes.brokenPipe : exitCodes.failure);
}

/** Lets an output that was closed, or a terminal that is gone, end the process quietly, until `stopOnRequest` knows better. */
export function watchOutput(): void {
  for (const stream of outputs()) stream.on('error', leaveAtOnce);
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on('exit', () => {
    // Node's last act is to reset its terminals; it aborts where one is gone, and passes over what is another file.
    for (const fd of terminals.filter((one) => !isatty(one))) {
      closeSync(fd);
      openSync(devNull, 'r+');
    }
  });
}

/** Options of `stopOnRequest`. */
export interface StopOptions {
  /** What it says that it does then. */
  readonly what?: string;
  /** There is something to save. Default: true; without, an output that nobody reads ends the process at once, without a word. */
  readonly saves?: boolean;
  /** Seconds from the start of the process after which it is to stop. Default: never. */
  readonly maxSeconds?: number | undefined;
}

/**
 * Turns the first request to end into an abort signal, so that the run can finish its step and save: Ctrl-C, SIGTERM, SIGHUP, an
 * output that nobody reads any more, or the end of its time. A second Ctrl-C or SIGTERM ends the process at once.
 * `exitCode()` is the code of the request that came.
 */
export function stopOnRequest(
  print: (line: string) => void,
  { what = 'finishing this step and saving', saves = true, maxSeconds }: StopOptions = {},
): { readonly signal: AbortSignal; readonly exitCode: () => number } {
  const controller = new AbortController();
  let code: number = exitCodes.success;
  let asked = 0;
  const stop = (why: string, exitCode: number) => {
    if (controller.signal.aborted) return;
    code = exitCode;
    asked = performance.now();
    print(why);
    controller.abort();
  };
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      const again = controller.signal.aborted && performance.now() - asked > sameRequestMs;
      // A terminal that closes sends SIGHUP more than once.
      // `process.exit` would wait for a step, which may wait for another process.
      if (again && name !== 'SIGHUP') endProcess(exitCode);
      const atOnce =
        name === 'SIGHUP' ? 'Ctrl-C or SIGTERM stops at once' : 'once more to stop at once';
      stop(`${name}: ${what}; ${atOnce}`, exitCode);
    });
  }
  for (const stream of saves ? outputs() : []) {
    stream.off('error', leaveAtOnce).on('error', (error: NodeJS.ErrnoException) => {
      if (isClosed(error)) stop(`The output was closed: ${what}`, exitCodes.brokenPipe);
    });
  }
  if (maxSeconds !== undefined) {
    // Not one long timer: it would end at once beyond 24.8 days.
    const timer = setInterval(() => {
      if (performance.now() >= 1000 * maxSeconds) stop(`The time is up: ${what}`, exitCodes.timeUp);
    }, 200);
    timer.unref();
  }
  return { signal: controller.signal, exitCode: () => code };
}
