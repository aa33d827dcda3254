/** One place that was looked at for the library, and why it was not taken. */
export interface LibraryAttempt {
  /** What was looked at, with its path. */
  readonly place: string;
  readonly reason: string;
}

/** Thrown by `findLibrary` when no place holds a usable library; `tried` says why for each. */
export class LibraryNotFoundError extends Error {
  override readonly name = 'LibraryNotFoundError';
  readonly tried: readonly LibraryAttempt[];

  constructor(tried: readonly LibraryAttempt[], whatToDo: string, options?: ErrorOptions) {
    const lines = tried.map(({ place, reason }) => `  - ${place}: ${reason}`);
    super(
      `findLibrary: expected TensorFlow's C library, found none. Tried:\n${lines.join('\n')}\n${whatToDo}`,
      options,
    );
    this.tried = tried;
  }
}

/** Why an installation did not happen. */
export type InstallFailure =
  | 'unsupported-platform'
  | 'python-missing'
  | 'pip-missing'
  | 'network'
  | 'no-matching-wheel'
  | 'wrong-hash'
  | 'disk-full'
  | 'cache-not-writable'
  | 'unusable-library'
  | 'aborted'
  | 'pip-failed';

/** Thrown by `installLibrary`; the cache is as it was before. */
export class LibraryInstallError extends Error {
  override readonly name = 'LibraryInstallError';
  readonly failure: InstallFailure;

  constructor(failure: InstallFailure, message: string, options?: ErrorOptions) {
    super(`installLibrary: ${message}`, options);
    this.failure = failure;
  }
}
