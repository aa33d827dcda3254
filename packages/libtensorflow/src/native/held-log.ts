import { writeSync } from 'node:fs';
import { type Descriptors, O_RDONLY, readText, SEEK_END, STDERR } from './descriptors.ts';

/** From Linux's fcntl.h. */
const LOCK_EX = 2;
const LOCK_UN = 8;

let isAlone = false;

/**
 * Runs `action` while no other thread of the process runs one. Two threads that set the standard error output aside at once, such as one
 * that loads a network and one that begins to decode, would each put back what the other had put there: all later errors would be lost.
 */
export function alone<T>({ open, flock, close }: Descriptors, action: () => T): T {
  if (isAlone) return action();
  // A file of this process alone; each open of it excludes the others, whatever the thread.
  const path = `/proc/${process.pid}/comm`;
  const lock = open(path, O_RDONLY);
  if (lock < 0) throw new Error(`alone: expected to open ${path}, cannot. Mount /proc.`);
  flock(lock, LOCK_EX);
  isAlone = true;
  try {
    return action();
  } finally {
    isAlone = false;
    // By name: a thread that has got a table of descriptors of its own meanwhile leaves a copy open in the others'.
    flock(lock, LOCK_UN);
    close(lock);
  }
}

/** Runs `action` while the standard error output is held; `select` says what of it is passed on. */
export const withHeldLog = <T>(
  descriptors: Descriptors,
  select: (log: string) => string,
  action: () => T,
): T => alone(descriptors, () => hold(descriptors, select, action));

function hold<T>(descriptors: Descriptors, select: (log: string) => string, action: () => T): T {
  const log = descriptors.memfd_create('held-log', 0);
  if (log < 0) return action();
  const stderr = descriptors.dup(STDERR);
  descriptors.dup2(log, STDERR);
  try {
    return action();
  } finally {
    descriptors.dup2(stderr, STDERR);
    const rest = select(readText(descriptors, log, descriptors.lseek(log, 0, SEEK_END)));
    if (rest !== '') writeSync(STDERR, rest);
    descriptors.close(stderr);
    descriptors.close(log);
  }
}

/**
 * Drops the lines of level information, such as `I0000 00:00:1795.1 42 port.cc:153] ...`, and absl's note that they come early:
 * TensorFlow logs two while it loads, before it reads `TF_CPP_MIN_LOG_LEVEL`, and this obeys it for them.
 */
export function withoutInformation(log: string): string {
  return without(log, /^(I\d{4} |WARNING: All log messages before absl::InitializeLog)/);
}

/** Drops TensorFlow's warning of a large allocation, and absl's note that it comes early: of the one that only reserves addresses. */
export function withoutAllocation(log: string): string {
  return without(
    log,
    /^(W\d{4} .*\] Allocation of \d+ exceeds|WARNING: All log messages before absl::InitializeLog)/,
  );
}

/**
 * Drops what TensorFlow says where oneDNN has no kernel for a type: once a process, as an error, that it takes another one, or at
 * each op that it cannot. A probe reports both.
 */
export function withoutFallback(log: string): string {
  return without(log, /^[WE]\d{4} .*(oneDNN supports DT_\w+ only on|OP_REQUIRES failed at mkl_)/);
}

function without(log: string, unwanted: RegExp): string {
  return log
    .split(/(?<=\n)/)
    .filter((line) => !unwanted.test(line))
    .join('');
}
