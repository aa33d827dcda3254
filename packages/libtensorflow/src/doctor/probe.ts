import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Device } from '../native/devices.ts';

/** What the process that loaded the library found. */
export interface ProbeReport {
  /** TensorFlow's own version. */
  readonly version: string;
  readonly devices: readonly Device[];
  /** A convolution, its gradient and a matrix product, and what they should be. */
  readonly computed: readonly number[];
  readonly expected: readonly number[];
}

/** Why there is no report, and what to do about it if the library is not to blame. */
export interface ProbeDefect {
  readonly defect: string;
  readonly remedy?: string;
}

/** No process could be started, of which the library knows nothing; training itself needs none. */
export interface Untried {
  readonly untried: string;
  readonly remedy: string;
}

export interface ProbeOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** The script to run in the other process. */
  readonly script?: string;
}

const NO_PROCESS =
  'Training itself starts no process. To have this step tried, let the doctor start one; in Deno by --allow-run.';
const NO_KOFFI = 'Install the dependencies again, the optional ones too; in Deno give --allow-ffi.';

const ownScript = fileURLToPath(new URL('./probe-child.js', import.meta.url));

/**
 * Loads the library in a process of its own, lists its devices and computes with it, so that a
 * library that crashes ends that process only. Returns the report, or why there is none.
 */
export function probeLibrary(
  libraryPath: string,
  { env = process.env, timeoutMs = 120_000, script = ownScript }: ProbeOptions = {},
): Promise<ProbeReport | ProbeDefect | Untried> {
  return new Promise((resolve) => {
    const child = fork(script, [libraryPath], { env, silent: true, execArgv: [] });
    // Not fork's own timeout: where no process starts, its timer keeps this one alive.
    const timer = setTimeout(() => child.kill(), timeoutMs);
    const end = (found: ProbeReport | ProbeDefect | Untried) => {
      clearTimeout(timer);
      resolve(found);
    };
    let report: ProbeReport | undefined;
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('message', (message) => {
      report = message as ProbeReport;
    });
    child.on('error', ({ message }) => end({ untried: message, remedy: NO_PROCESS }));
    child.on('close', (code, signal) => {
      if (report !== undefined && code === 0) end(report);
      else {
        const defect = `${describeEnd(code, signal)}${lastWords(stderr)}`;
        end({ defect, ...(stderr.includes('Error: koffi:') && { remedy: NO_KOFFI }) });
      }
    });
  });
}

/** What Windows ends a process with (ntstatus.h). */
const WINDOWS_ENDS: Readonly<Record<number, string>> = {
  3221225477: 'it crashed (access violation)',
  3221225501: 'it crashed: the CPU lacks instructions that this build needs',
  3221225781: 'it needs a DLL that is not there',
  3221226505: 'it ended itself (abort)',
};

export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return WINDOWS_ENDS[code ?? 0] ?? `loading it failed (exit code ${code})`;
  if (signal === 'SIGTERM') return 'it did not answer in time';
  const why: Partial<Record<NodeJS.Signals, string>> = {
    SIGILL: ': the CPU lacks instructions that this build needs',
    SIGKILL: ': too little memory, or on macOS a signature that does not hold',
  };
  return `it crashed with ${signal}${why[signal] ?? ''}`;
}

/** The error that a process ended with, without its stack and Node's own lines. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const error = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
  return error === undefined ? '' : `: ${error}`;
}
