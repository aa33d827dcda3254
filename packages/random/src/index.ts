export { sampleBeta } from './beta.ts';
export { sampleNormal } from './normal.ts';
export { permutation } from './permutation.ts';
export { type Random, seededRandom } from './seeded-random.ts';
export { drawUniform } from './uniform.ts';
