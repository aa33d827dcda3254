export { sampleBeta } from './beta.ts';
export { type Box, type SampleBoxOptions, sampleBox } from './box.ts';
export { type CutmixOptions, type CutmixResult, cutmix } from './cutmix.ts';
export { type MixupOptions, type MixupResult, mixup } from './mixup.ts';
export type { Partners } from './partner.ts';
export { permutation } from './permutation.ts';
export { createRandom, type Random, type RandomState, type SeededRandom } from './random.ts';
