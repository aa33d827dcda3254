export {
  type DecayGroup,
  type NamedVariables,
  type NoBiasDecayOptions,
  type NumberOrScalar,
  noBiasDecay,
  type ParameterGroup,
  type Parameters,
  type TfjsOptimizer,
  type TfjsOptimizerOptions,
  toTfjsOptimizer,
} from '@bag-of-tricks/optimizer';
export { type AdamW, type AdamWOptions, adamw } from './adamw.ts';
export {
  type AdamWUpdateOptions,
  type AdamWUpdateResult,
  adamwUpdate,
  type Moments,
} from './adamw-update.ts';
export type { AdamWHyperParameters } from './hyper-parameters.ts';
