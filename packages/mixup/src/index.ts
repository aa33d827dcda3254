export type { Partners } from '@bag-of-tricks/mixing';
export { type MixupOptions, type MixupResult, mixup } from './mixup.ts';
