export { ConfigError, DivergenceError } from '@bag-of-tricks/train-step';

/** How the `bag-of-tricks` command ends; the README has what each code means. */
export const exitCodes = {
  success: 0,
  failure: 1,
  usage: 2,
  divergence: 3,
  badImages: 4,
  locked: 69,
  internal: 70,
  save: 74,
  timeUp: 75,
  hangup: 129,
  interrupt: 130,
  brokenPipe: 141,
  terminated: 143,
} as const;

/** What a run writes could not be written; the message says what was needed and what was free, and what to do. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
  readonly exitCode = exitCodes.save;
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
  readonly exitCode = exitCodes.locked;
}

/** What helps against divergence. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, then start again or go on from the last checkpoint with --resume';
