import { openRows, type RowFile } from '@bag-of-tricks/durable-files';
import { saveError } from '../errors.ts';

/** Options of `openLog`. */
export interface RowLogOptions {
  readonly header?: string;
  /** Whether a row is of a step before the checkpoint. */
  readonly stays: (row: string) => boolean;
  /** Whether a row is the last one before the checkpoint; undefined where there is none. */
  readonly isLast?: ((row: string) => boolean) | undefined;
  /** Is told when rows before the checkpoint are missing. */
  readonly say?: ((line: string) => void) | undefined;
}

/** A number in a line of JSON, or infinity where the line is none. */
export function memberOf(line: string, name: string): number {
  try {
    return (JSON.parse(line) as Record<string, number>)[name]!;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Opens one of the logs that a checkpoint stands for, to go on after the last row that `stays`.
 *
 * @throws SaveError when that cannot be; `append` too, for a run without its rows would not be the run that it was.
 */
export function openLog(path: string, { isLast, say, ...options }: RowLogOptions): RowFile {
  const orSaveError = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw saveError(path, 'a file that takes a row', cause);
    }
  };
  const rows = orSaveError(() => openRows(path, options));
  if (isLast && !(rows.last !== null && isLast(rows.last)))
    say?.(`Warning: ${path}: rows of steps before the checkpoint are missing`);
  return { ...rows, append: (row) => orSaveError(() => rows.append(row)) };
}
