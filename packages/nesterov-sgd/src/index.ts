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
export { type NesterovSgd, type NesterovSgdOptions, nesterovSgd } from './nesterov-sgd.ts';
export {
  type NesterovUpdateOptions,
  type NesterovUpdateResult,
  nesterovUpdate,
} from './nesterov-update.ts';
