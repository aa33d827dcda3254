export type { Partners } from '@bag-of-tricks/mixing';
export { type Box, type SampleBoxOptions, sampleBox } from './box.ts';
export { type CutmixOptions, type CutmixResult, cutmix } from './cutmix.ts';
