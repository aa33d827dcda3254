export { constant } from './constant.ts';
export { type CosineDecayOptions, cosineDecay } from './cosineDecay.ts';
export { type CosineRestartsOptions, cosineRestarts } from './cosineRestarts.ts';
export { joinSchedules } from './joinSchedules.ts';
export { type LinearWarmupOptions, linearWarmup, type WarmupForm } from './linearWarmup.ts';
export { type PolynomialDecayOptions, polynomialDecay } from './polynomialDecay.ts';
export {
  type ReduceOnPlateau,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from './reduceOnPlateau.ts';
export { type ScaleLearningRateOptions, scaleLearningRate } from './scaleLearningRate.ts';
export type { Schedule } from './schedule.ts';
export { type StepDecayOptions, stepDecay } from './stepDecay.ts';
export { type WithWarmupOptions, withWarmup } from './withWarmup.ts';
