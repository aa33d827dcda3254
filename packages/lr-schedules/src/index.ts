export { constant } from './constant.ts';
export { type CosineDecayOptions, cosineDecay } from './cosine-decay.ts';
export { type CosineRestartsOptions, cosineRestarts } from './cosine-restarts.ts';
export { joinSchedules } from './join-schedules.ts';
export { type LinearWarmupOptions, linearWarmup, type WarmupForm } from './linear-warmup.ts';
export { type PolynomialDecayOptions, polynomialDecay } from './polynomial-decay.ts';
export {
  type ReduceOnPlateau,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from './reduce-on-plateau.ts';
export { type ScaleLearningRateOptions, scaleLearningRate } from './scale-learning-rate.ts';
export type { Schedule } from './schedule.ts';
export { type StepDecayOptions, stepDecay } from './step-decay.ts';
export { type WithWarmupOptions, withWarmup } from './with-warmup.ts';
