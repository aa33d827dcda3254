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
export {
  type DynamicLossScaleOptions,
  dynamicLossScale,
  type LossScale,
  staticLossScale,
} from './loss-scale.ts';
export { type LossScaler, lossScaler, patience } from './loss-scaler.ts';
export {
  type LossScaleRule,
  type LossScaleState,
  type LossScaleTensors,
  nextLossScale,
  nextLossScaleTensors,
} from './next-loss-scale.ts';
export {
  autocasting,
  describePrecision,
  type PrecisionSettings,
  type ResolvedPrecision,
  resolvePrecision,
} from './precision-settings.ts';
export { scaleLoss, unscaleGradients } from './scale.ts';
export {
  type LossScaleVariables,
  lossScaleVariables,
  moveLossScale,
  type ScaledStepOptions,
  type ScaledStepResult,
  scaledStep,
  skipUnless,
} from './scaled-step.ts';
