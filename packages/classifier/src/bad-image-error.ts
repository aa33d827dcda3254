/** A picture cannot be classified: it is none, cut short, damaged or too large. The classifier can go on with others. */
export class BadImageError extends Error {
  override readonly name = 'BadImageError';
}
