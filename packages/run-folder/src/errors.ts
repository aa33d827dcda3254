/** What a run writes could not be written; the message says what was needed and what was free, and what to do. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
  /** `EX_IOERR` of `sysexits.h`. */
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
  /** `EX_UNAVAILABLE` of `sysexits.h`. */
  readonly exitCode = 69;
}
