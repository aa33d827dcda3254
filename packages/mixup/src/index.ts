export { sampleBeta } from './beta.ts';
export { type MixupOptions, type MixupResult, mixup } from './mixup.ts';
export type { Partners } from './partner.ts';
export { permutation } from './permutation.ts';
export { createRandom, type Random, type RandomState, type SeededRandom } from './random.ts';
