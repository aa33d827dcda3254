import { LibraryInstallError } from './errors.ts';

/** Gives an error of the file system, or of an abort, the message that helps; others stay as they are. */
export function describeFailure(
  error: unknown,
  signal: AbortSignal | undefined,
  cacheDir: string,
): unknown {
  if (signal?.aborted) {
    return new LibraryInstallError('aborted', 'stopped; nothing was left behind.', {
      cause: error,
    });
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `the disk of ${cacheDir} is full. Free some space and try again; nothing was left behind.`;
    return new LibraryInstallError('disk-full', message, { cause: error });
  }
  // A file where the cache or a folder above it should be is ENOTDIR or EEXIST.
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code ?? '')) {
    const message = `cannot write to ${cacheDir} (${code}). Set XDG_CACHE_HOME to a folder that you may write to.`;
    return new LibraryInstallError('cache-not-writable', message, { cause: error });
  }
  return error;
}
