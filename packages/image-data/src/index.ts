export { BadImageError } from './bad-image-error.ts';
export type { ImageSource, StoredImage } from './source.ts';
