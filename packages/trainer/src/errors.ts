/** A configuration that does not fit the schema; the message names each field, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A loss or a weight is NaN or infinite: training has diverged. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}

/** What a run writes could not be written; the message says what was needed and what was free, and what to do. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
  /** Of the command, as sysexits.h has it for input and output. */
  readonly exitCode = 74;
}

/** What becomes of an error of the file system where a run writes. */
export function saveError(path: string, expected: string, cause: unknown): SaveError {
  return new SaveError(
    `${path}: expected ${expected}, got ${(cause as { code?: string }).code ?? cause}. Make room or mend the disk; the checkpoints saved before are whole, --resume goes on from them`,
    { cause },
  );
}

/** Another process has the run folder. */
export class RunLockedError extends Error {
  override readonly name = 'RunLockedError';
  /** Of the command, as sysexits.h has it for what may succeed later. */
  readonly exitCode = 75;
}

/** What helps against divergence. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, then start again or go on from the last checkpoint with --resume';
