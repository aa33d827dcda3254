import { BadImagesError } from '@bag-of-tricks/image-data';
import { printableLines } from '@bag-of-tricks/run-folder';
import { exitCodes } from '../errors.ts';

/** What the system's codes mean, and what to do. */
const systemErrors: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  EACCES: ['no permission', 'Change its owner or mode, or give another folder'],
  EPERM: ['not permitted', 'Change its owner or mode, or give another folder'],
  EROFS: ['the file system is read-only', 'Give a folder on another one'],
  ENOSPC: ['the disk is full', 'Free some space, or give a folder on another disk'],
  EDQUOT: ['the quota is used up', 'Free some space, or give a folder on another disk'],
  ENOENT: ['no such file or folder', 'Check the path'],
  ENOTDIR: ['a part of the path is no folder', 'Check the path'],
  EMFILE: ['too many open files', 'Raise the limit (ulimit -n), or give fewer --workers'],
  EIO: ['the disk failed to read or write', 'Check the disk'],
};

/** Says what a system error means; other texts stay as they are. */
export function explainSystemError(error: NodeJS.ErrnoException): string {
  const [meaning, remedy] = systemErrors[error.code ?? ''] ?? [];
  if (meaning === undefined || error.syscall === undefined) return error.message;
  const where = error.path === undefined ? '' : `${error.path}: `;
  return `${where}expected that ${error.syscall} succeeds, got ${error.code} (${meaning}). ${remedy}`;
}

/** The text of whatever was thrown, printable. */
export const describeError = (error: unknown): string =>
  printableLines(error instanceof Error ? explainSystemError(error) : String(error));

/** The exit code that an error carries, or that of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BadImagesError) return exitCodes.badImages;
  const { exitCode } = Object(error) as { readonly exitCode?: unknown };
  return Number.isInteger(exitCode) ? (exitCode as number) : exitCodes.failure;
}
