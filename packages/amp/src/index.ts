export { allFinite } from './all-finite.ts';
export { type AutocastOptions, autocast } from './autocast/autocast.ts';
export type { LowPrecision } from './autocast/low-precision.ts';
export { nativeDtype } from './autocast/native-dtype.ts';
export type { PrecisionProbe } from './autocast/probe.ts';
export {
  fastPrecision,
  type ProbePrecisionOptions,
  probePrecision,
} from './autocast/probe-precision.ts';
export { type DynamicLossScaleOptions, dynamicLossScale } from './dynamic-loss-scale.ts';
export type { LossScale } from './loss-scale.ts';
export type { LossScaleRule } from './loss-scale-rule.ts';
export type { LossScaleState } from './loss-scale-state.ts';
export { type LossScaleVariables, lossScaleVariables } from './loss-scale-variables.ts';
export { nextLossScale } from './next-loss-scale.ts';
export { type LossScaleTensors, nextLossScaleTensors } from './next-loss-scale-tensors.ts';
export { scaleLoss, unscaleGradients } from './scale.ts';
export { type ScaledStepOptions, type ScaledStepResult, scaledStep } from './scaled-step.ts';
export { staticLossScale } from './static-loss-scale.ts';
