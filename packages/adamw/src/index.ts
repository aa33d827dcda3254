export { type AdamW, type AdamWOptions, adamw } from './adamw.ts';
export {
  type AdamWUpdateOptions,
  type AdamWUpdateResult,
  adamwUpdate,
  type Moments,
} from './adamw-update.ts';
export type { AdamWHyperParameters, NumberOrScalar } from './hyper-parameters.ts';
export { type DecayGroup, type NoBiasDecayOptions, noBiasDecay } from './no-bias-decay.ts';
export type { NamedVariables, ParameterGroup, Parameters } from './parameters.ts';
