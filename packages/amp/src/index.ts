export { allFinite } from './all-finite.ts';
export { type DynamicLossScaleOptions, dynamicLossScale } from './dynamic-loss-scale.ts';
export type { LossScale } from './loss-scale.ts';
export type { LossScaleRule } from './loss-scale-rule.ts';
export type { LossScaleState } from './loss-scale-state.ts';
export { nextLossScale } from './next-loss-scale.ts';
export { type LossScaleTensors, nextLossScaleTensors } from './next-loss-scale-tensors.ts';
export { scaleLoss, unscaleGradients } from './scale.ts';
export { staticLossScale } from './static-loss-scale.ts';
