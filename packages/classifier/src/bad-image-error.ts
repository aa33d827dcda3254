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
