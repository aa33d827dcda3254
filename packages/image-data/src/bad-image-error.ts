/** One image cannot be used: truncated, empty, too large, or not an image. The `bad images` policy decides what follows. */
export class BadImageError extends Error {
  override readonly name = 'BadImageError';
  /** What the source calls the image. */
  readonly image: string;
  /** Why it cannot be used, without the image's name. */
  readonly reason: string;

  constructor(image: string, reason: string, options?: ErrorOptions) {
    super(`${image}: ${reason}`, options);
    this.image = image;
    this.reason = reason;
  }
}
