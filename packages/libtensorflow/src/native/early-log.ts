import { fstatSync, readSync, writeSync } from 'node:fs';

/** The C functions by which the standard error output is set aside for a moment. */
export interface Descriptors {
  readonly dup: (descriptor: number) => number;
  readonly dup2: (from: number, to: number) => number;
  readonly memfd_create: (name: string, flags: number) => number;
  /** Not Node's: in a worker thread that warns of descriptors which Node did not open. */
  readonly close: (descriptor: number) => number;
}

const STDERR = 2;

/**
 * Runs `load` and holds back what the library logs as information meanwhile; all else is passed on.
 *
 * TensorFlow logs two lines while it loads, before it reads `TF_CPP_MIN_LOG_LEVEL`: this obeys it for them.
 */
export function withoutEarlyLog(descriptors: Descriptors, load: () => void): void {
  const log = descriptors.memfd_create('early-log', 0);
  if (log < 0) {
    load();
    return;
  }
  const stderr = descriptors.dup(STDERR);
  descriptors.dup2(log, STDERR);
  try {
    load();
  } finally {
    descriptors.dup2(stderr, STDERR);
    const rest = withoutInformation(readAll(log));
    if (rest !== '') writeSync(STDERR, rest);
    descriptors.close(stderr);
    descriptors.close(log);
  }
}

/** Drops the lines of level information, such as `I0000 00:00:1795.1 42 port.cc:153] ...`, and absl's note that they come early. */
export function withoutInformation(log: string): string {
  return log
    .split(/(?<=\n)/)
    .filter((line) => !/^(I\d{4} |WARNING: All log messages before absl::InitializeLog)/.test(line))
    .join('');
}

function readAll(descriptor: number): string {
  const bytes = Buffer.alloc(fstatSync(descriptor).size);
  const length = readSync(descriptor, bytes, 0, bytes.byteLength, 0);
  return bytes.toString('utf8', 0, length);
}
