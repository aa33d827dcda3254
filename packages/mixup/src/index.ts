export { sampleBeta } from './beta.ts';
export { type Box, type SampleBoxOptions, sampleBox } from './box.ts';
export { type CutmixOptions, type CutmixResult, cutmix } from './cutmix.ts';
export type { Partners } from './mixing.ts';
export { type MixupOptions, type MixupResult, mixup } from './mixup.ts';
