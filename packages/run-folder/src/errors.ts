import { dirname } from 'node:path';
import { explainCode, remedyFor } from '@bag-of-tricks/durable-files';
import { hasCheckpoint } from './files.ts';

/** What a run writes could not be written; the message says what was needed and what was free, and what to do. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
  /** `EX_IOERR` of `sysexits.h`. */
  readonly exitCode = 74;
}

/** What becomes of an error of the file system in a run folder, at `path` in it; it promises checkpoints only where there are some. */
export function saveError(path: string, expected: string, cause: unknown): SaveError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const isNoDisk = ['EFBIG', 'EACCES', 'EPERM', 'EBUSY'].includes(code);
  const advice = isNoDisk ? remedyFor(cause) : 'Make room or mend the disk';
  const folders = [path, dirname(path), dirname(dirname(path))];
  const saved = folders.some(hasCheckpoint)
    ? '; the checkpoints saved before are whole, --resume goes on from them'
    : '';
  return new SaveError(
    `${path}: expected ${expected}, got ${explainCode(cause)}. ${advice}${saved}`,
    {
      cause,
    },
  );
}

/** Another process has the run folder. */
export class RunLockedError extends Error {
  override readonly name = 'RunLockedError';
  /** `EX_UNAVAILABLE` of `sysexits.h`. */
  readonly exitCode = 69;
}
