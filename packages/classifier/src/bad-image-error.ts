/** What is wrong with a picture. */
export type PictureFailure = 'not-a-picture' | 'damaged' | 'too-large';

/** A picture cannot be classified: it is none, cut short, damaged or too large. The classifier can go on with others. */
export class BadImageError extends Error {
  override readonly name = 'BadImageError';
  /** Whether it is no JPEG, PNG, WebP or GIF, not whole, or of more pixels than are allowed. */
  readonly failure: PictureFailure;

  constructor(message: string, failure: PictureFailure, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** @throws BadImageError of a picture that could not be read. */
export function refuse(name: string, cause: unknown): never {
  if (cause instanceof BadImageError) throw cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new BadImageError(
    `classify: expected a whole picture for ${name}, got one that cannot be read (${reason}). Save it anew`,
    'damaged',
    { cause },
  );
}
